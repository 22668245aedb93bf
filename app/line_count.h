#pragma once

#include <cstddef>
#include <string_view>

namespace heed {

struct LineCount {
  std::string_view name;  // of the file
  std::size_t lines = 0;
};

/// Throws std::runtime_error where two files that belong together line by line differ in length.
void require_same_lines(const LineCount& a, const LineCount& b);

}  // namespace heed
