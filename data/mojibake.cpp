#include "data/mojibake.h"

#include <algorithm>
#include <array>

#include "data/utf8.h"

namespace heed {
namespace {

/// Windows-1252 from 0x80 to 0x9F (its best-fit table at unicode.org); what it leaves open is the
/// control character of that number.
constexpr std::array<char32_t, 32> kWindows1252 = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

constexpr char kLeadOfLatin = '\xC3';  // first byte of U+00C0 to U+00FF, also of "Â", "Ã" and "â"
constexpr std::string_view kCapitalAWithCircumflex = "\xC3\x82";
constexpr std::string_view kCapitalAWithTilde = "\xC3\x83";
constexpr std::string_view kSmallAWithCircumflex = "\xC3\xA2";

bool follows_capital_a(char32_t c) {
  constexpr char32_t kNoBreakSpace = 0xA0;
  constexpr char32_t kClosingQuotation = 0xBB;
  return c >= 0x80 && c <= 0xBF && c != kNoBreakSpace && c != kClosingQuotation;
}

bool is_misread(std::string_view letter, char32_t next) {
  if (letter == kSmallAWithCircumflex) return next == 0x20AC || next == 0x80;
  if (letter == kCapitalAWithCircumflex) return follows_capital_a(next) && next > 0xA0;
  if (letter != kCapitalAWithTilde) return false;
  constexpr std::array kSigns = {U'Ÿ', U'„', U'œ', U'¤'};
  return follows_capital_a(next) || std::find(kSigns.begin(), kSigns.end(), next) != kSigns.end();
}

/// The byte that is read as `c`; -1: none.
int byte_read_as(char32_t c) {
  if (c < 0x80 || (c >= 0xA0 && c <= 0xFF)) return static_cast<int>(c);
  const auto* const found = std::find(kWindows1252.begin(), kWindows1252.end(), c);
  if (found != kWindows1252.end()) return 0x80 + static_cast<int>(found - kWindows1252.begin());
  return c < 0xA0 ? static_cast<int>(c) : -1;  // Latin-1
}

}  // namespace

std::size_t find_mojibake(std::string_view line) {
  for (std::size_t at = line.find(kLeadOfLatin); at != std::string_view::npos;
       at = line.find(kLeadOfLatin, at + 1)) {
    std::size_t next = at + 2;
    if (next >= line.size()) break;
    const std::string_view letter = line.substr(at, 2);
    if (is_misread(letter, decode_code_point(line, next))) return at;
  }
  return std::string_view::npos;
}

std::optional<std::string> undo_mojibake(std::string_view line) {
  std::string bytes;
  for (std::size_t at = 0; at < line.size();) {
    const int byte = byte_read_as(decode_code_point(line, at));
    if (byte < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(byte));
  }
  if (!is_valid_utf8(bytes)) return std::nullopt;
  return bytes;
}

}  // namespace heed
