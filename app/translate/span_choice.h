#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "app/align/link.h"

namespace heed {

/// Target units [begin, end); empty where begin == end, and then a gap ahead of unit `begin`.
struct UnitSpan {
  int begin = 0;
  int end = 0;
  bool operator==(const UnitSpan&) const = default;
};

/// For each of `tgt_count` target units: the probabilities of its links to `inside`'s source units,
/// less those of its links to others.
std::vector<double> inside_weights(std::span<const Link> links, UnitSpan inside, int tgt_count);

struct ScoredSpan {
  UnitSpan span;
  double score = 0.0;
};

/// The contiguous run of units in `range` whose weights have the greatest sum (the maximum subarray
/// of Kadane; Bentley, Programming Pearls, 1984): the rule by which discontinuous words become one
/// span. It begins and ends with weights above 0; of equal sums the first and shortest wins.
/// Nothing when no weight in the range is above 0.
std::optional<ScoredSpan> heaviest_span(std::span<const double> weights, UnitSpan range);

/// For each gap 0 ... tgt_count the probabilities of the links that would cross, were the source
/// cut ahead of unit `src_gap` and the target at that gap: those from before one cut to behind the
/// other.
std::vector<double> crossing_costs(std::span<const Link> links, int src_gap, int tgt_count);

}  // namespace heed
