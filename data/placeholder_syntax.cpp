#include "data/placeholder_syntax.h"

#include "data/ascii.h"

namespace heed {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t';
}

bool is_inside_braces(char c) {
  return !is_space(c) && c != '{' && c != '}';
}

bool is_flag(char c) {
  return c == '-' || c == '+' || c == '0' || c == '#' || c == '\'';
}

bool is_length_modifier(char c) {
  return std::string_view("hlLqjzt").find(c) != std::string_view::npos;
}

bool is_at(std::string_view text, std::size_t at, char c) {
  return at < text.size() && text[at] == c;
}

constexpr std::size_t kNone = 0;  // no brace is closed by the first byte

// For each opening brace the place of the one that closes it; kNone elsewhere.
std::vector<std::size_t> match_braces(std::string_view line) {
  std::vector<std::size_t> closing(line.size(), kNone);
  std::vector<std::size_t> open;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '{') open.push_back(at);
    if (line[at] != '}' || open.empty()) continue;
    closing[open.back()] = at;
    open.pop_back();
  }
  return closing;
}

std::size_t double_brace_length(std::string_view text) {
  for (std::size_t at = text.find_first_of("{}", 2); at != std::string_view::npos;
       at = text.find_first_of("{}", at + 1)) {
    if (text[at] == '{') return 0;
    if (is_at(text, at + 1, '}')) return at + 2;
  }
  return 0;
}

// Behind %1$, %(name) or just %.
std::size_t percent_argument_end(std::string_view text) {
  if (is_at(text, 1, '(')) {
    const std::size_t close = skip(text, 2, is_ascii_identifier);
    return close > 2 && is_at(text, close, ')') ? close + 1 : 1;
  }
  const std::size_t digits = skip(text, 1, is_ascii_digit);
  return digits > 1 && is_at(text, digits, '$') ? digits + 1 : 1;
}

// A conversion of printf (C, with the positions of POSIX and the names of Python).
std::size_t conversion_length(std::string_view text) {
  std::size_t at = skip(text, percent_argument_end(text), is_flag);
  at = is_at(text, at, '*') ? at + 1 : skip(text, at, is_ascii_digit);
  if (is_at(text, at, '.')) {
    ++at;
    at = is_at(text, at, '*') ? at + 1 : skip(text, at, is_ascii_digit);
  }
  at = skip(text, at, is_length_modifier);
  if (at >= text.size() ||
      std::string_view("diouxXeEfFgGaAcspn@").find(text[at]) == std::string_view::npos)
    return 0;
  return at + 1 < text.size() && is_ascii_identifier(text[at + 1]) ? 0 : at + 1;
}

// %1 to %99 of Qt.
std::size_t numbered_length(std::string_view text) {
  const std::size_t end = skip(text, 1, is_ascii_digit);
  const bool is_number = end > 1 && end <= 3 && text[1] != '0';
  return is_number && (end >= text.size() || !is_ascii_identifier(text[end])) ? end : 0;
}

// %NAME%
std::size_t variable_length(std::string_view text) {
  const std::size_t end = skip(text, 1, is_ascii_identifier);
  return end > 1 && is_ascii_letter(text[1]) && is_at(text, end, '%') ? end + 1 : 0;
}

std::size_t percent_length(std::string_view line, std::size_t at) {
  const std::string_view text = line.substr(at);
  if (is_at(text, 1, '%')) return 2;
  if (at > 0 && is_ascii_digit(line[at - 1])) return 0;
  for (const auto length : {conversion_length, variable_length, numbered_length})
    if (const std::size_t bytes = length(text); bytes > 0) return bytes;
  return 0;
}

}  // namespace

// Behind the brace that closes the one at `at`; 0 when none does.
std::size_t PlaceholderFinder::balanced_length(std::size_t at) {
  if (!closing_) closing_ = match_braces(line_);
  const std::size_t close = (*closing_)[at];
  return close == kNone ? 0 : close + 1 - at;
}

std::size_t PlaceholderFinder::brace_length(std::size_t at) {
  const std::string_view text = line_.substr(at);
  if (text.starts_with("{{"))
    if (const std::size_t length = double_brace_length(text); length > 0) return length;
  const std::size_t word = skip(text, 1, is_space);
  const std::size_t word_end = skip(text, word, is_inside_braces);
  const std::size_t close = skip(text, word_end, is_space);
  const bool is_blank_inside = word_end == word && word > 1;
  if (is_at(text, close, '}')) return is_blank_inside ? 0 : close + 1;
  const std::size_t identifier_end = skip(text, word, is_ascii_identifier);
  const std::size_t comma = skip(text, identifier_end, is_space);
  return identifier_end > word && is_at(text, comma, ',') ? balanced_length(at) : 0;
}

std::size_t PlaceholderFinder::length_at(std::size_t at) {
  const char first = line_[at];
  if (first == '{') return brace_length(at);
  if ((first == '$' || first == '#' || first == '%') && is_at(line_, at + 1, '{'))
    if (const std::size_t length = brace_length(at + 1); length > 0) return length + 1;
  return first == '%' ? percent_length(line_, at) : 0;
}

}  // namespace heed
