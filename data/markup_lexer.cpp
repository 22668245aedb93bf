#include "data/markup_lexer.h"

#include <algorithm>
#include <array>
#include <optional>

#include "data/character_entities.h"
#include "data/placeholder_syntax.h"

namespace heed {
namespace {

constexpr std::array<std::string_view, 4> kVerbatimElements{"code", "kbd", "samp", "var"};
constexpr std::array<std::string_view, 6> kNativeCodes{"ph", "bpt", "ept", "it", "script", "style"};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

bool is_name_character(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == ':';
}

std::size_t skip(std::string_view text, std::size_t at, bool (*accept)(char)) {
  while (at < text.size() && accept(text[at])) ++at;
  return at;
}

// The end of a tag's name that starts at `at`; `at` when there is none.
std::size_t name_end(std::string_view text, std::size_t at) {
  if (at >= text.size()) return at;
  if (is_digit(text[at])) return skip(text, at, is_digit);
  return is_letter(text[at]) || text[at] == '_' ? skip(text, at, is_name_character) : at;
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

// Behind the attributes that start at `at`, at `>` or `/>`; npos when they are broken.
std::size_t attributes_end(std::string_view text, std::size_t at) {
  while (true) {
    const std::size_t next = skip(text, at, is_space);
    if (text.substr(next).starts_with(">") || text.substr(next).starts_with("/>")) return next;
    const std::size_t end = name_end(text, next);
    if (next == at || end == next) return std::string_view::npos;
    at = end;
    const std::size_t equals = skip(text, at, is_space);
    if (equals < text.size() && text[equals] == '=')
      at = value_end(text, skip(text, equals + 1, is_space));
    if (at == std::string_view::npos) return at;
  }
}

std::optional<Lexeme> lex_closing_tag(std::string_view text) {
  const std::size_t end = name_end(text, 2);
  const std::size_t close = skip(text, end, is_space);
  if (end == 2 || close >= text.size() || text[close] != '>') return std::nullopt;
  return Lexeme{LexemeKind::kClosing, text.substr(0, close + 1), text.substr(2, end - 2), 0};
}

// Comments, declarations and processing instructions.
std::optional<Lexeme> lex_declaration(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kForms{
      {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}, {"<!", ">"}}};
  for (const auto& [begin, end] : kForms) {
    if (!text.starts_with(begin)) continue;
    if (begin == "<!" && (text.size() < 3 || !is_letter(text[2]))) return std::nullopt;
    const std::size_t at = text.find(end, begin.size());
    if (at == std::string_view::npos) return std::nullopt;
    return Lexeme{LexemeKind::kStandalone, text.substr(0, at + end.size()), {}, 0};
  }
  return std::nullopt;
}

// Behind the closing tag of the element `name` in `text`; npos when there is none.
std::size_t element_end(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find("</"); at != std::string_view::npos; at = text.find("</", at + 2))
    if (const auto closing = lex_closing_tag(text.substr(at)); closing && closing->name == name)
      return at + closing->source.size();
  return std::string_view::npos;
}

template <std::size_t count>
bool contains(const std::array<std::string_view, count>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// `tag` with its contents where these are no text to translate.
Lexeme with_contents(const Lexeme& tag, std::string_view text) {
  const bool is_verbatim = contains(kVerbatimElements, tag.name) ||
                           tag.source.find("translate=\"no\"") != std::string_view::npos;
  if (!is_verbatim && !contains(kNativeCodes, tag.name)) return tag;
  const std::size_t end = element_end(text, tag.name);
  if (end == std::string_view::npos) return tag;
  return {is_verbatim ? LexemeKind::kPlaceholder : LexemeKind::kStandalone, text.substr(0, end),
          tag.name, 0};
}

std::optional<Lexeme> lex_tag(std::string_view text) {
  if (text.starts_with("</")) return lex_closing_tag(text);
  if (text.starts_with("<!") || text.starts_with("<?")) return lex_declaration(text);
  const std::size_t end = name_end(text, 1);
  if (end == 1) return std::nullopt;
  const std::string_view name = text.substr(1, end - 1);
  const std::size_t close = attributes_end(text, end);
  if (close == std::string_view::npos) return std::nullopt;
  if (text[close] == '/')
    return Lexeme{LexemeKind::kStandalone, text.substr(0, close + 2), name, 0};
  return with_contents({LexemeKind::kOpening, text.substr(0, close + 1), name, 0}, text);
}

std::optional<Lexeme> lex_entity(std::string_view text) {
  if (const auto character = read_character_entity(text))
    return Lexeme{
        LexemeKind::kCharacter, text.substr(0, character->length), {}, character->code_point};
  const std::size_t length = entity_reference_length(text);
  if (length == 0) return std::nullopt;
  return Lexeme{LexemeKind::kPlaceholder, text.substr(0, length), {}, 0};
}

std::optional<Lexeme> lex_at(std::string_view line, std::size_t at) {
  const std::string_view text = line.substr(at);
  if (text[0] == '<') return lex_tag(text);
  if (text[0] == '&') return lex_entity(text);
  const std::size_t length = placeholder_length(line, at);
  if (length == 0) return std::nullopt;
  return Lexeme{LexemeKind::kPlaceholder, text.substr(0, length), {}, 0};
}

}  // namespace

std::vector<Lexeme> lex_markup(std::string_view line) {
  std::vector<Lexeme> lexemes;
  std::size_t text_begin = 0;
  const auto end_text = [&](std::size_t end) {
    if (end > text_begin)
      lexemes.push_back({LexemeKind::kText, line.substr(text_begin, end - text_begin), {}, 0});
  };
  for (std::size_t at = 0; at < line.size();) {
    at = line.find_first_of("<&{$#%", at);
    if (at == std::string_view::npos) break;
    const auto lexeme = lex_at(line, at);
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
