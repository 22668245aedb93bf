#pragma once

#include <cstddef>
#include <string_view>

namespace heed {

/// ASCII alone: no byte of a longer UTF-8 sequence is any of these, whatever the locale.
constexpr bool is_ascii_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr bool is_ascii_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr bool is_ascii_alphanumeric(char c) {
  return is_ascii_letter(c) || is_ascii_digit(c);
}

/// What identifiers are made of: letters, digits and _.
constexpr bool is_ascii_identifier(char c) {
  return is_ascii_alphanumeric(c) || c == '_';
}

/// What names in XML are made of.
constexpr bool is_ascii_name(char c) {
  return is_ascii_identifier(c) || c == '-' || c == '.' || c == ':';
}

/// Behind the bytes from `at` on that `accept` takes.
inline std::size_t skip(std::string_view text, std::size_t at, bool (*accept)(char)) {
  while (at < text.size() && accept(text[at])) ++at;
  return at;
}

}  // namespace heed
