#include "app/align/reading_check.h"

#include <algorithm>

namespace heed {

void ReadingCheck::add(std::span<const Link> links, std::span<const Link> others) {
  for (std::size_t i = 0; i < kChanges.size(); ++i) {
    const auto [shift, transposed] = kChanges[i];
    for (const Link& link : links) {
      const Link moved = transposed ? Link{link.tgt + shift, link.src + shift}
                                    : Link{link.src + shift, link.tgt + shift};
      common_[i] += std::binary_search(others.begin(), others.end(), moved) ? 1 : 0;
    }
  }
}

std::optional<IndexChange> ReadingCheck::better() const {
  const auto best = std::max_element(common_.begin(), common_.end()) - common_.begin();
  if (best == 0) return std::nullopt;  // the first of equals
  return kChanges[static_cast<std::size_t>(best)];
}

}  // namespace heed
