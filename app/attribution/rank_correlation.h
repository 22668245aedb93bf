#pragma once

#include <optional>
#include <span>
#include <vector>

namespace heed {

/// The rank of each value from 1, the smallest first; equal values share the mean of their ranks.
/// Values must be numbers, not NaN.
std::vector<double> average_ranks(std::span<const float> values);

/// Spearman's rank correlation ("The Proof and Measurement of Association between Two Things",
/// 1904): Pearson's correlation of `average_ranks`, from -1 to 1. Nothing when it is undefined:
/// fewer than two values, all values of one side equal, or a value that isn't finite. Throws
/// std::invalid_argument when the sides differ in length.
std::optional<double> rank_correlation(std::span<const float> a, std::span<const float> b);

}  // namespace heed
