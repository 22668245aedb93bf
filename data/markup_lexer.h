#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

enum class LexemeKind {
  kText,         // bytes of the line as they are
  kCharacter,    // a character reference, `&amp;`
  kOpening,      // <b>, <a href="x">, <0>
  kClosing,      // </b>
  kStandalone,   // <br/>, <!-- -->, <?pi?>, and the native codes of XLIFF and TMX, <ph>...</ph>
  kPlaceholder,  // {0}, {name}, ${x}, {{x}}, %s, %1$d, %(x)s, &product;, <code>...</code>
};

/// A part of a line; the parts of a line follow each other without gaps.
struct Lexeme {
  LexemeKind kind = LexemeKind::kText;
  std::string_view source;  // as in the line
  std::string_view name;    // of a tag, as written
  char32_t code_point = 0;  // of a character reference
};

/// Splits `line` (valid UTF-8) at its inline markup. Whatever is not well formed by itself (a `<`
/// that starts no tag, a quote without its end, a `{` without `}`) is text.
///
/// A tag's name starts with a letter or is a number; attributes are as in HTML. The elements code,
/// kbd, samp, var and any with translate="no" are placeholders, with their contents; script, style
/// and the native codes of XLIFF 1.2 and TMX (ph, bpt, ept, it) stand alone, with their contents.
///
/// Placeholders: braces around anything without white space (or around one word and white space),
/// `{word, ...}` with balanced braces (ICU's messages), `{{...}}`, each also behind $, # or %;
/// printf's conversions (also %1$s, %(name)s, %%), Qt's %1, %NAME%; entity references that stand
/// for no character. A % behind a digit or ahead of a word is a percent sign.
///
/// Time grows in proportion to the length of the line (by its logarithm more where it has elements
/// with contents), whatever the line holds.
std::vector<Lexeme> lex_markup(std::string_view line);

}  // namespace heed
