#include "app/train/time_plan.h"

#include <algorithm>

namespace heed {
namespace {

constexpr double kLongestWarmup = 0.2;  // of all updates

}  // namespace

void TimePlan::apply_to(ScheduleOptions& schedule) const {
  if (max_updates == 0) return;
  schedule.max_updates = max_updates;
  schedule.warmup_updates = warmup_updates;
  schedule.from_update = from_update;
  schedule.from_share = from_share;
}

TimePlan plan_updates(const ScheduleOptions& schedule, std::int64_t update, double seconds_left,
                      double seconds_each, std::int64_t limit) {
  const double fit = std::max(0.0, seconds_left) / seconds_each;
  const auto left = static_cast<std::int64_t>(std::min(fit, static_cast<double>(limit - update)));
  TimePlan plan;
  plan.max_updates = update + std::max<std::int64_t>(1, left);
  plan.warmup_updates = schedule.warmup_updates;
  if (plan.max_updates == schedule.max_updates) {
    plan.from_update = schedule.from_update;
    plan.from_share = schedule.from_share;
    return plan;
  }
  if (update < schedule.warmup_updates) {
    const double longest = kLongestWarmup * static_cast<double>(plan.max_updates);
    plan.warmup_updates = std::min(plan.warmup_updates, static_cast<std::int64_t>(longest));
  }
  plan.from_update = update;
  plan.from_share = schedule_share(schedule, update);
  return plan;
}

}  // namespace heed
