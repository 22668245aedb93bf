#pragma once

#include <cstdint>

namespace heed {

enum class Schedule { kInverseSquareRoot, kCosine };

struct ScheduleOptions {
  Schedule schedule = Schedule::kInverseSquareRoot;
  double learning_rate = 0.002;        // the peak, reached after the warm-up
  double final_learning_rate = 0.0;    // where the cosine ends
  std::int64_t warmup_updates = 1000;  // linear from 0
  std::int64_t max_updates = 0;        // where the cosine ends
  // A cosine whose end was moved goes on from where it was: `from_share` of it was done at this
  // update.
  std::int64_t from_update = 0;
  double from_share = 0.0;
};

/// How much of the cosine is done at `update`: 0 during the warm-up, 1 from max_updates on.
double schedule_share(const ScheduleOptions& options, std::int64_t update);

/// Learning rate of update `update`, counted from 1. A pure function of its arguments.
/// Inverse square root: peak * min(u / warmup, sqrt(warmup / u)) (Vaswani et al. 2017, eq. 3).
/// Cosine: half a period from the peak to the final rate (Loshchilov & Hutter 2017).
double learning_rate(const ScheduleOptions& options, std::int64_t update);

}  // namespace heed
