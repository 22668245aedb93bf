#include "app/align/reading_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

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
  const auto best = std::max_element(common_.begin(), common_.end());
  const auto gain = static_cast<double>(*best - common_.front());
  const auto both = static_cast<double>(*best + common_.front());
  if (gain <= 4 * std::sqrt(both)) return std::nullopt;
  return kChanges[static_cast<std::size_t>(best - common_.begin())];
}

std::string advice(const IndexChange& change, const FileReading& first, const FileReading& second) {
  std::vector<std::string> changes;
  if (change.shift != 0) {
    // The file with the greater indices counts from 1, or the other doesn't.
    const FileReading& greater = change.shift < 0 ? first : second;
    const FileReading& less = change.shift < 0 ? second : first;
    changes.push_back(less.convention.one_based ? "without " + less.one_based_option
                                                : "with " + greater.one_based_option);
  }
  if (change.transposed)
    changes.push_back((second.convention.transposed ? "without " : "with ") +
                      second.transposed_option);
  return fmt::format("{}", fmt::join(changes, " and "));
}

}  // namespace heed
