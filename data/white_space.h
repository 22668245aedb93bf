#pragma once

#include <unicode/uchar.h>

#include <string_view>

namespace heed {

/// True for code points with the Unicode property White_Space: U+0020, U+0009, U+00A0, U+3000, ...
inline bool is_white_space(char32_t code_point) {
  if (code_point < 0x80) return code_point == ' ' || (code_point >= '\t' && code_point <= '\r');
  return u_isUWhiteSpace(static_cast<UChar32>(code_point)) != 0;
}

/// True when `text` is empty or all white space.
bool is_blank(std::string_view text);

}  // namespace heed
