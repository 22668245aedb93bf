#include "data/white_space.h"

#include <unicode/uchar.h>

#include <cstddef>

#include "data/utf8.h"

namespace heed {

bool is_white_space(char32_t code_point) {
  return u_isUWhiteSpace(static_cast<UChar32>(code_point)) != 0;
}

bool is_blank(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    if (!is_white_space(decode_code_point(text, i))) return false;
  }
  return true;
}

}  // namespace heed
