#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace heed {

/// How the lengths of translations go together in a text: mean and spread of the logarithm of
/// (1 + target characters) / (1 + source characters).
class LengthRatio {
 public:
  /// Neither is 0.
  void add(std::size_t src, std::size_t tgt) {
    const double value = logarithm(src, tgt);
    const double distance = value - mean_;
    mean_ += distance / static_cast<double>(++pairs_);
    squares_ += distance * (value - mean_);
  }

  /// Whether a pair is so far from the others that it can't be a translation: five standard
  /// deviations and a factor of four, the longer side of 25 characters at least.
  bool is_outlier(std::size_t src, std::size_t tgt) const {
    constexpr double kDeviations = 5;
    constexpr double kFactor = 4;
    constexpr std::size_t kShortest = 25;
    if (pairs_ < 2 || std::max(src, tgt) < kShortest) return false;
    const double spread = std::sqrt(squares_ / static_cast<double>(pairs_ - 1));
    return std::abs(logarithm(src, tgt) - mean_) >
           std::max(kDeviations * spread, std::log(kFactor));
  }

  /// The usual number of target characters for one of the source.
  double usual() const { return std::exp(mean_); }

 private:
  static double logarithm(std::size_t src, std::size_t tgt) {
    return std::log((1 + static_cast<double>(tgt)) / (1 + static_cast<double>(src)));
  }

  std::size_t pairs_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // of distances to the mean
};

}  // namespace heed
