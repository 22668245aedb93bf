#include "data/white_space.h"

#include <cstddef>

#include "data/utf8.h"

namespace heed {

bool is_blank(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    if (!is_white_space(decode_code_point(text, i))) return false;
  }
  return true;
}

}  // namespace heed
