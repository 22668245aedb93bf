#include "data/markup_lexer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>
#include <utility>

#include "data/ascii.h"
#include "data/character_entities.h"
#include "data/placeholder_syntax.h"

namespace heed {
namespace {

constexpr std::array<std::string_view, 4> kVerbatimElements{"code", "kbd", "samp", "var"};
constexpr std::array<std::string_view, 6> kNativeCodes{"ph", "bpt", "ept", "it", "script", "style"};

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

// The end of a tag's name that starts at `at`; `at` when there is none.
std::size_t name_end(std::string_view text, std::size_t at) {
  if (at >= text.size()) return at;
  if (is_ascii_digit(text[at])) return skip(text, at, is_ascii_digit);
  return is_ascii_letter(text[at]) || text[at] == '_' ? skip(text, at, is_ascii_name) : at;
}

bool is_unquoted_value(char c) {
  return !is_space(c) && c != '"' && c != '\'' && c != '<' && c != '>' && c != '=' && c != '`';
}

// Behind the value of an attribute that starts at `at`; npos when it is broken.
std::size_t value_end(std::string_view text, std::size_t at) {
  if (at >= text.size()) return std::string_view::npos;
  if (text[at] == '"' || text[at] == '\'') {
    const std::size_t quote = text.find(text[at], at + 1);
    return quote == std::string_view::npos ? quote : quote + 1;
  }
  const std::size_t end = skip(text, at, is_unquoted_value);
  return end == at ? std::string_view::npos : end;
}

std::optional<Lexeme> lex_closing_tag(std::string_view text) {
  const std::size_t end = name_end(text, 2);
  const std::size_t close = skip(text, end, is_space);
  if (end == 2 || close >= text.size() || text[close] != '>') return std::nullopt;
  return Lexeme{LexemeKind::kClosing, text.substr(0, close + 1), text.substr(2, end - 2), 0};
}

template <std::size_t count>
bool contains(const std::array<std::string_view, count>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<Lexeme> lex_entity(std::string_view text) {
  if (const auto character = read_character_entity(text))
    return Lexeme{
        LexemeKind::kCharacter, text.substr(0, character->length), {}, character->code_point};
  const std::size_t length = entity_reference_length(text);
  if (length == 0) return std::nullopt;
  return Lexeme{LexemeKind::kPlaceholder, text.substr(0, length), {}, 0};
}

// Comments, declarations and processing instructions.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kDeclarations{
    {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}, {"<!", ">"}}};

/// Finds the markup of one line. Whatever a search for an end has learned is kept, so that a line
/// full of beginnings without ends takes no longer than another of its length: each of its bytes is
/// looked at a fixed number of times.
class Lexer {
 public:
  explicit Lexer(std::string_view line)
      : line_(line), placeholders_(line), is_broken_at_(line.size() + 1, false) {}

  std::optional<Lexeme> lex_at(std::size_t at) {
    if (line_[at] == '<') return lex_tag(at);
    if (line_[at] == '&') return lex_entity(line_.substr(at));
    const std::size_t length = placeholders_.length_at(at);
    if (length == 0) return std::nullopt;
    return Lexeme{LexemeKind::kPlaceholder, line_.substr(at, length), {}, 0};
  }

 private:
  struct ByteRange {
    std::size_t begin;
    std::size_t end;
  };

  std::optional<Lexeme> lex_tag(std::size_t at) {
    const std::string_view text = line_.substr(at);
    if (text.starts_with("</")) return lex_closing_tag(text);
    if (text.starts_with("<!") || text.starts_with("<?")) return lex_declaration(at);
    const std::size_t end = name_end(line_, at + 1);
    if (end == at + 1) return std::nullopt;
    const std::string_view name = line_.substr(at + 1, end - at - 1);
    const std::size_t close = attributes_end(end);
    if (close == std::string_view::npos) return std::nullopt;
    if (line_[close] == '/')
      return Lexeme{LexemeKind::kStandalone, line_.substr(at, close + 2 - at), name, 0};
    return with_contents({LexemeKind::kOpening, line_.substr(at, close + 1 - at), name, 0}, at);
  }

  std::optional<Lexeme> lex_declaration(std::size_t at) {
    const std::string_view text = line_.substr(at);
    for (std::size_t form = 0; form < kDeclarations.size(); ++form) {
      const auto& [begin, end] = kDeclarations[form];
      if (!text.starts_with(begin)) continue;
      if (lacks_end_[form]) return std::nullopt;
      if (begin == "<!" && (text.size() < 3 || !is_ascii_letter(text[2]))) return std::nullopt;
      const std::size_t found = text.find(end, begin.size());
      lacks_end_[form] = found == std::string_view::npos;
      if (lacks_end_[form]) return std::nullopt;
      return Lexeme{LexemeKind::kStandalone, text.substr(0, found + end.size()), {}, 0};
    }
    return std::nullopt;
  }

  // Behind the attributes that start at `at`, at `>` or `/>`; npos when they are broken.
  std::size_t attributes_end(std::size_t at) {
    while (at != std::string_view::npos && !is_broken_at_[at]) {
      const std::size_t next = skip(line_, at, is_space);
      if (line_.substr(next).starts_with(">") || line_.substr(next).starts_with("/>")) return next;
      is_broken_at_[at] = true;  // unless it ends well, and then it isn't read again
      at = attribute_end(at, next);
    }
    return std::string_view::npos;
  }

  // Behind the attribute that starts at `begin`, white space lying between it and `at`; npos when
  // there is none.
  std::size_t attribute_end(std::size_t at, std::size_t begin) const {
    const std::size_t end = name_end(line_, begin);
    if (begin == at || end == begin) return std::string_view::npos;
    const std::size_t equals = skip(line_, end, is_space);
    if (equals >= line_.size() || line_[equals] != '=') return end;
    return value_end(line_, skip(line_, equals + 1, is_space));
  }

  // `tag`, which starts at `at`, with its contents where these are no text to translate.
  Lexeme with_contents(const Lexeme& tag, std::size_t at) {
    const bool is_verbatim = contains(kVerbatimElements, tag.name) ||
                             tag.source.find("translate=\"no\"") != std::string_view::npos;
    if (!is_verbatim && !contains(kNativeCodes, tag.name)) return tag;
    const std::size_t end = element_end(at + tag.source.size(), tag.name);
    if (end == std::string_view::npos) return tag;
    return {is_verbatim ? LexemeKind::kPlaceholder : LexemeKind::kStandalone,
            line_.substr(at, end - at), tag.name, 0};
  }

  // Behind the first closing tag of the element `name` from `at` on; npos when there is none.
  std::size_t element_end(std::size_t at, std::string_view name) {
    if (!has_closing_tags_) find_closing_tags();
    const std::vector<ByteRange>& tags = closing_tags_[name];
    const auto tag = std::partition_point(tags.begin(), tags.end(),
                                          [&](const ByteRange& range) { return range.begin < at; });
    return tag == tags.end() ? std::string_view::npos : tag->end;
  }

  void find_closing_tags() {
    has_closing_tags_ = true;
    for (std::size_t at = line_.find("</"); at != std::string_view::npos;
         at = line_.find("</", at + 2))
      if (const auto tag = lex_closing_tag(line_.substr(at)))
        closing_tags_[tag->name].push_back({at, at + tag->source.size()});
  }

  std::string_view line_;
  PlaceholderFinder placeholders_;
  std::array<bool, kDeclarations.size()> lacks_end_{};  // none from where it was sought to the end
  std::vector<bool> is_broken_at_;                      // attributes that start there
  std::unordered_map<std::string_view, std::vector<ByteRange>> closing_tags_;  // by name, in order
  bool has_closing_tags_ = false;
};

}  // namespace

std::vector<Lexeme> lex_markup(std::string_view line) {
  std::vector<Lexeme> lexemes;
  Lexer lexer(line);
  std::size_t text_begin = 0;
  const auto end_text = [&](std::size_t end) {
    if (end > text_begin)
      lexemes.push_back({LexemeKind::kText, line.substr(text_begin, end - text_begin), {}, 0});
  };
  for (std::size_t at = 0; at < line.size();) {
    at = line.find_first_of("<&{$#%", at);
    if (at == std::string_view::npos) break;
    const auto lexeme = lexer.lex_at(at);
    if (!lexeme) {
      ++at;
      continue;
    }
    end_text(at);
    lexemes.push_back(*lexeme);
    at += lexeme->source.size();
    text_begin = at;
  }
  end_text(line.size());
  return lexemes;
}

}  // namespace heed
