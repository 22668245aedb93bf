#include "model/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace heed {

double schedule_share(const ScheduleOptions& options, std::int64_t update) {
  const std::int64_t begin = std::max(options.warmup_updates, options.from_update);
  const auto span = static_cast<double>(std::max<std::int64_t>(1, options.max_updates - begin));
  const double done = std::clamp(static_cast<double>(update - begin) / span, 0.0, 1.0);
  return options.from_share + (1.0 - options.from_share) * done;
}

double learning_rate(const ScheduleOptions& options, std::int64_t update) {
  const auto u = static_cast<double>(update);
  const auto warmup = static_cast<double>(options.warmup_updates);
  if (u < warmup) return options.learning_rate * u / warmup;
  if (options.schedule == Schedule::kInverseSquareRoot)
    return options.learning_rate * std::sqrt(std::max(warmup, 1.0) / u);
  const double progress = schedule_share(options, update);
  const double half = (options.learning_rate - options.final_learning_rate) / 2.0;
  return options.final_learning_rate + half * (1.0 + std::cos(std::numbers::pi * progress));
}

}  // namespace heed
