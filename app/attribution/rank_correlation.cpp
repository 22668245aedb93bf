#include "app/attribution/rank_correlation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace heed {
namespace {

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(),
                     [](float value) { return std::isfinite(value); });
}

/// Distances from the mean.
std::vector<double> centred_ranks(std::span<const float> values) {
  std::vector<double> ranks = average_ranks(values);
  const double mean = (static_cast<double>(values.size()) + 1.0) / 2.0;
  for (double& rank : ranks) rank -= mean;
  return ranks;
}

double product(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

}  // namespace

std::vector<double> average_ranks(std::span<const float> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double shared = static_cast<double>(begin + 1 + end) / 2.0;  // of begin + 1 to end
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = shared;
  }
  return ranks;
}

std::optional<double> rank_correlation(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size())
    throw std::invalid_argument(fmt::format("{} ranks against {}", a.size(), b.size()));
  if (!all_finite(a) || !all_finite(b)) return std::nullopt;
  const std::vector<double> x = centred_ranks(a);
  const std::vector<double> y = centred_ranks(b);
  const double spread = product(x, x) * product(y, y);
  if (spread == 0.0) return std::nullopt;
  return product(x, y) / std::sqrt(spread);
}

}  // namespace heed
