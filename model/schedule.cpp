#include "model/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace heed {

double learning_rate(const ScheduleOptions& options, std::int64_t update) {
  const auto u = static_cast<double>(update);
  const auto warmup = static_cast<double>(options.warmup_updates);
  if (u < warmup) return options.learning_rate * u / warmup;
  if (options.schedule == Schedule::kInverseSquareRoot)
    return options.learning_rate * std::sqrt(std::max(warmup, 1.0) / u);
  const double span = std::max(1.0, static_cast<double>(options.max_updates) - warmup);
  const double progress = std::min(1.0, (u - warmup) / span);
  const double half = (options.learning_rate - options.final_learning_rate) / 2.0;
  return options.final_learning_rate + half * (1.0 + std::cos(std::numbers::pi * progress));
}

}  // namespace heed
