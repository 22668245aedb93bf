#include "app/check/excerpt.h"

#include <fmt/format.h>
#include <unicode/uchar.h>

#include "data/utf8.h"
#include "data/white_space.h"

namespace heed {
namespace {

bool is_hidden(char32_t c) {
  if (c == kReplacementCharacter) return true;
  switch (u_charType(static_cast<UChar32>(c))) {
    case U_CONTROL_CHAR:
    case U_FORMAT_CHAR:
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
    case U_UNASSIGNED:
      return true;
    default:
      return c != U' ' && is_white_space(c) && c != 0x3000;
  }
}

std::string spelt(std::string_view bytes, char32_t c) {
  if (c != kReplacementCharacter || is_valid_utf8(bytes))
    return fmt::format("<U+{:04X}>", static_cast<std::uint32_t>(c));
  std::string text;
  for (const char byte : bytes) text += fmt::format("<0x{:02X}>", static_cast<unsigned char>(byte));
  return text;
}

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

}  // namespace

std::string excerpt(std::string_view line, std::size_t at, std::size_t width) {
  if (at > line.size()) at = 0;
  std::size_t begin = at;
  for (std::size_t back = width / 3; back > 0 && begin > 0; --back) {
    --begin;
    while (begin > 0 && is_continuation(line[begin])) --begin;
  }
  std::string text = begin > 0 ? "…" : "";
  for (std::size_t characters = 0; begin < line.size(); ++characters) {
    if (characters == width) return text + "…";
    const std::size_t start = begin;
    const char32_t c = decode_code_point(line, begin);
    const std::string_view bytes = line.substr(start, begin - start);
    text += is_hidden(c) ? spelt(bytes, c) : std::string(bytes);
  }
  return text;
}

}  // namespace heed
