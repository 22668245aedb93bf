#include "app/align/alignment_error_rate.h"

#include <algorithm>
#include <vector>

namespace heed {
namespace {

double ratio_or_one(std::size_t part, std::size_t whole) {
  return whole == 0 ? 1.0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::size_t count_common(const std::vector<Link>& links, const std::vector<Link>& gold) {
  return static_cast<std::size_t>(std::count_if(links.begin(), links.end(), [&](const Link& link) {
    return std::binary_search(gold.begin(), gold.end(), link);
  }));
}

}  // namespace

AlignmentCounts& AlignmentCounts::operator+=(const AlignmentCounts& other) {
  proposed += other.proposed;
  sure += other.sure;
  possible += other.possible;
  sure_hits += other.sure_hits;
  possible_hits += other.possible_hits;
  return *this;
}

double AlignmentCounts::precision() const {
  return ratio_or_one(possible_hits, proposed);
}

double AlignmentCounts::recall() const {
  return ratio_or_one(sure_hits, sure);
}

double AlignmentCounts::f1() const {
  const double sum = precision() + recall();
  return sum == 0 ? 0.0 : 2 * precision() * recall() / sum;
}

double AlignmentCounts::alignment_error_rate() const {
  return 1.0 - ratio_or_one(sure_hits + possible_hits, proposed + sure);
}

AlignmentCounts count_alignment(std::span<const Link> proposed, const GoldAlignment& gold) {
  const std::vector<Link> links = to_link_set({proposed.begin(), proposed.end()});
  return {links.size(), gold.sure.size(), gold.possible.size(), count_common(links, gold.sure),
          count_common(links, gold.possible)};
}

}  // namespace heed
