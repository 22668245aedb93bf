#pragma once

#include <cstdint>

#include "model/schedule.h"

namespace heed {

/// How many updates fit into training.max_minutes and training.max_epochs, so that the learning
/// rate has come down when these are over: what a schedule was changed to. A part of the run's
/// state, as it depends on how fast updates were.
struct TimePlan {
  std::int64_t max_updates = 0;  // 0: nothing is planned yet
  std::int64_t warmup_updates = 0;
  std::int64_t from_update = 0;
  double from_share = 0.0;
  // By which limits it was made; others want another.
  std::int64_t max_epochs = 0;
  double max_minutes = 0.0;

  void apply_to(ScheduleOptions& schedule) const;
};

/// The plan after `update` updates under `schedule`, with `seconds_left` and updates that take
/// `seconds_each`, at most `limit` updates in all. A warm-up that is not over takes no more than a
/// fifth of the run. Where the end stays where it was so does every rate, to the last bit, whenever
/// it is planned.
TimePlan plan_updates(const ScheduleOptions& schedule, std::int64_t update, double seconds_left,
                      double seconds_each, std::int64_t limit);

}  // namespace heed
