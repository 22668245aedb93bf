#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/scorer.h"

namespace heed {

/// Finds the largest scores of a row without sorting it: the maxima of groups of its scores are
/// lower bounds of them, and what is not below a bound is collected in one pass. Keeps its room
/// from row to row.
class RowScan {
 public:
  /// Begins a row of which about the `most` largest scores will be looked for.
  void read(std::span<const float> scores, std::size_t most);

  /// The largest score; NaN counts for nothing.
  float largest() const { return largest_; }
  /// Something that the n-th largest score is not below.
  float bound(std::size_t n);
  /// The places of all scores that are at least `bound`, ascending; until the next call.
  std::span<const std::int32_t> collect(std::span<const float> scores, float bound);

 private:
  std::vector<float> maxima_;
  std::vector<std::int32_t> places_;
  float largest_ = 0.0F;
};

/// A float below `value`, and below whatever rounding may make of it.
float just_below(double value);

/// What scores exceed log-probabilities by, `largest` being the largest of them, which is finite.
double log_sum_of(const NextTokenScorer& scorer, std::span<const float> scores, float largest);

}  // namespace heed
