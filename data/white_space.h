#pragma once

#include <string_view>

namespace heed {

/// True for code points with the Unicode property White_Space: U+0020, U+0009, U+00A0, U+3000, ...
bool is_white_space(char32_t code_point);

/// True when `text` is empty or all white space.
bool is_blank(std::string_view text);

}  // namespace heed
