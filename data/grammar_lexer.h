#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace heed::grammar {

/// One token of a line of a grammar file.
struct Token {
  std::string text;         ///< escapes (a backslash before any character) resolved
  std::string label;        ///< after `^`, outside of angle brackets
  bool is_slot = false;     ///< written in `<...>`; `text` is what stands inside
  bool is_head = false;     ///< a slot followed by `*`
  bool is_escaped = false;  ///< holds an escape, so it is never a keyword or a separator
};

/// Tokens of one line; a comment (`#` at the start of a token) ends it. On an error `problem` says
/// what is wrong and the tokens are to be thrown away.
struct LexedLine {
  std::vector<Token> tokens;
  bool is_indented = false;
  std::string problem;
};

LexedLine lex_line(std::string_view line);

/// Splits at each `separator`; "a//b" has an empty part.
std::vector<std::string> split(std::string_view text, char separator);

/// " (did you mean 'NP'?)" with the choice nearest to `word`, or " (valid: a, b, c)" when none is
/// near.
std::string suggest(std::string_view word, const std::vector<std::string>& choices);

}  // namespace heed::grammar
