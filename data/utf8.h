#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

// UTF-8 as in the Unicode Standard, table 3-7: no overlong forms, no surrogates, nothing above
// U+10FFFF. NUL is a valid code point.

/// What stands for a character that was lost.
inline constexpr char32_t kReplacementCharacter = 0xFFFD;

/// U+FEFF, with which some programs begin a file.
inline constexpr std::string_view kUtf8ByteOrderMark = "\uFEFF";

bool is_valid_utf8(std::string_view text);

/// Byte offset of the first ill-formed sequence; std::string_view::npos when there is none.
std::size_t first_invalid_utf8(std::string_view text);

/// `text` with each maximal ill-formed part replaced by U+FFFD, as the Unicode Standard (3.9,
/// "U+FFFD Substitution of Maximal Subparts") and the WHATWG Encoding Standard recommend.
std::string replace_invalid_utf8(std::string_view text);

/// The code point that starts at byte `position` < text.size(), which is moved behind it. An
/// ill-formed part counts as U+FFFD, as in `replace_invalid_utf8`.
char32_t decode_code_point(std::string_view text, std::size_t& position);

/// The same, faster where most text is ASCII.
inline char32_t next_code_point(std::string_view text, std::size_t& position) {
  const auto byte = static_cast<unsigned char>(text[position]);
  if (byte >= 0x80) return decode_code_point(text, position);
  ++position;
  return byte;
}

/// The code point of valid UTF-8 that ends ahead of byte `position` > 0, which is moved to where it
/// starts.
char32_t decode_code_point_before(std::string_view text, std::size_t& position);

/// Appends `code_point` (at most U+10FFFF, not a surrogate) in UTF-8.
void append_code_point(std::string& text, char32_t code_point);

/// Number of code points in valid UTF-8.
std::size_t code_point_count(std::string_view text);

/// The code points of `text`, ill-formed parts as U+FFFD.
std::vector<char32_t> to_code_points(std::string_view text);

}  // namespace heed
