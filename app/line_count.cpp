#include "app/line_count.h"

#include <fmt/format.h>

#include <stdexcept>

namespace heed {

void require_same_lines(const LineCount& a, const LineCount& b) {
  if (a.lines == b.lines) return;
  throw std::runtime_error(
      fmt::format("{} has {} lines but {} has {}: line N of one must belong to line N of the other",
                  a.name, a.lines, b.name, b.lines));
}

}  // namespace heed
