#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

enum class TagKind { kOpening, kClosing, kStandalone };

/// A tag that was taken out of a line. Only tags that make a pair on the line, properly nested, are
/// kOpening and kClosing; all others are kStandalone whatever they look like.
struct MarkupTag {
  static constexpr int kNoPartner = -1;

  std::string text;  // as in the line, "<a href='x'>"
  TagKind kind = TagKind::kStandalone;
  std::size_t position = 0;   // the byte of the plain text that it stood ahead of
  int partner = kNoPartner;   // index of the other tag of the pair
  bool space_before = false;  // whether white space touched it
  bool space_after = false;
  bool is_unmatched = false;  // an opening or closing tag without its partner
  bool breaks_text = false;   // one of HTML's elements that break a line or a block
};

/// What a model reads in place of a placeholder.
struct PlaceholderWord {
  std::string source;
  std::string target;  // the word that it is known to become; may be empty
  bool operator==(const PlaceholderWord&) const = default;
};

/// A placeholder, which stays in the plain text: bytes [begin, end) of it.
struct Placeholder {
  std::string text;  // as in the line
  std::size_t begin = 0;
  std::size_t end = 0;
  PlaceholderWord word;  // that the plain text has in its place; empty where it has `text`
  bool operator==(const Placeholder&) const = default;
};

/// A line with its markup set apart.
struct MarkupLine {
  std::string text;  // what there is to translate: tags taken out, character references read
  std::vector<MarkupTag> tags;
  std::vector<Placeholder> placeholders;
  /// Whether &, < and > are written as character references: the line holds a reference, or tags
  /// and neither a bare & nor a bare <.
  bool is_escaped = false;
};

/// Takes `line` (valid UTF-8) apart; `lex_markup` tells what markup is.
///
/// Opening and closing tags of the same name are paired from the inside out (a closing tag with the
/// nearest open one; open tags that it crosses stay without a partner). HTML's elements that break
/// a line or a block, such as <br> and <li>, leave a space in the text. Placeholders that touch,
/// with ASCII letters and digits that touch them, are one: "{first}{last}", "{size}GB".
MarkupLine parse_markup(std::string_view line);

/// The same with the text of each placeholder replaced by the word given for it.
MarkupLine with_words_for_placeholders(const MarkupLine& line,
                                       std::span<const PlaceholderWord> words);

/// Whether the plain text has a letter or a digit outside of placeholders.
bool has_text_to_translate(const MarkupLine& line);

/// `text` with &, < and > as character references.
std::string escape_markup(std::string_view text);

}  // namespace heed
