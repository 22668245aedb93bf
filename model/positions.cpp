#include "model/positions.h"

#include <cmath>

namespace heed {

void sinusoidal_position(std::int64_t position, std::int64_t d_model, float* row) {
  for (std::int64_t pair = 0; pair < d_model / 2; ++pair) {
    const double exponent = 2.0 * static_cast<double>(pair) / static_cast<double>(d_model);
    const double angle = static_cast<double>(position) / std::pow(10000.0, exponent);
    row[2 * pair] = static_cast<float>(std::sin(angle));
    row[2 * pair + 1] = static_cast<float>(std::cos(angle));
  }
}

}  // namespace heed
