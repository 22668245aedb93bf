#include "model/coverage.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace heed {

void add_attention(std::span<const float> weights, std::vector<float>& coverage) {
  coverage.resize(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) coverage[i] += weights[i];
}

double coverage_penalty(std::span<const float> coverage) {
  double sum = 0.0;
  for (const float seen : coverage)
    sum += std::log(static_cast<double>(std::clamp(seen, std::numeric_limits<float>::min(), 1.0F)));
  return sum;
}

}  // namespace heed
