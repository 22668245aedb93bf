#include "model/row_scan.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "model/kernels/inference_kernels.h"
#include "model/kernels/kernels.h"

namespace heed {
namespace {

constexpr std::size_t kGroups = 64;  // that RowKernels::maxima makes of its values

/// Into how many parts a row is cut. A bound among twice as many maxima as are looked for is near
/// enough; groups of few scores save nothing.
std::size_t parts_of(std::size_t size, std::size_t most) {
  if (most <= kGroups) return 1;
  const std::size_t wanted = std::min(most, size) / (kGroups / 2) + 1;
  return std::clamp<std::size_t>(size / (4 * kGroups), 1, wanted);
}

}  // namespace

void RowScan::read(std::span<const float> scores, std::size_t most) {
  const std::size_t parts = parts_of(scores.size(), most);
  maxima_.resize(parts * kGroups);
  for (std::size_t part = 0; part < parts; ++part) {
    const std::size_t begin = part * scores.size() / parts;
    const std::size_t end = (part + 1) * scores.size() / parts;
    inference_kernels().rows.maxima(scores.data() + begin, static_cast<std::int64_t>(end - begin),
                                    maxima_.data() + part * kGroups);
  }
  largest_ = *std::max_element(maxima_.begin(), maxima_.end());
}

float RowScan::bound(std::size_t n) {
  if (n > maxima_.size()) return -std::numeric_limits<float>::infinity();
  const auto nth = maxima_.begin() + static_cast<std::ptrdiff_t>(n) - 1;
  std::nth_element(maxima_.begin(), nth, maxima_.end(), std::greater<>());
  return *nth;
}

std::span<const std::int32_t> RowScan::collect(std::span<const float> scores, float bound) {
  places_.resize(scores.size());
  const std::int64_t found =
      inference_kernels().rows.collect(scores.data(), std::ssize(scores), bound, places_.data());
  return std::span(places_).first(static_cast<std::size_t>(found));
}

float just_below(double value) {
  return static_cast<float>(value - 1e-5 * (1.0 + std::abs(value)));
}

double log_sum_of(const NextTokenScorer& scorer, std::span<const float> scores, float largest) {
  if (scorer.is_normalized()) return 0.0;
  return inference_kernels().rows.log_sum_exp(scores.data(), std::ssize(scores), largest);
}

}  // namespace heed
