#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "app/train/trainer.h"

// Where a run changes its course: the end of the schedule, and of learning both directions.

namespace heed {
namespace {

// When the schedule is first planned: at this update at the latest, and after so many seconds or
// such a share of all the time.
constexpr std::int64_t kPlanAfterUpdates = 200;
constexpr double kPlanAfterSeconds = 15.0;
constexpr double kPlanAfterShare = 0.05;
constexpr std::int64_t kFewestToPlanBy = 10;
constexpr double kTimeMargin = 0.985;  // of what is left
// The last validation, and two searches for the length penalty, each as long as two.
constexpr double kValidationsWithChoice = 5.0;

}  // namespace

void Trainer::follow_plan() {
  const TrainingConfig& limits = config_.training;
  TimePlan& plan = state_.plan;
  if (plan.max_epochs != limits.max_epochs || plan.max_minutes != limits.max_minutes) plan = {};
  schedule_ = config_.optimizer.schedule;
  schedule_.max_updates = limits.max_updates;
  plan.apply_to(schedule_);
}

bool Trainer::planning_is_due() const {
  const TrainingConfig& limits = config_.training;
  const std::int64_t updates = state_.update - plan_start_;
  if (state_.plan.max_updates > 0 || updates == 0) return false;
  if (limits.max_minutes <= 0) return limits.max_epochs > 0;
  // All processes come to the same answer by the number of updates; one alone may look at the time.
  const double seconds =
      std::min(kPlanAfterSeconds, kPlanAfterShare * kSecondsPerMinute * limits.max_minutes);
  return updates >= kPlanAfterUpdates ||
         (group_.size() == 1 && updates >= kFewestToPlanBy && plan_watch_.seconds() >= seconds);
}

std::int64_t Trainer::most_updates() const {
  const TrainingConfig& limits = config_.training;
  if (limits.max_epochs == 0) return limits.max_updates;
  const std::int64_t directions = state_.learns_back ? 2 : 1;
  const std::int64_t updates =
      limits.max_epochs * updater_->batches_in_epoch() / directions / limits.accumulation;
  return std::clamp<std::int64_t>(updates, 1, limits.max_updates);
}

double Trainer::ending_seconds() const {
  return validation_seconds_ * (chooses_length_penalty() ? kValidationsWithChoice : 1.0);
}

void Trainer::plan_end() {
  const std::int64_t updates = state_.update - plan_start_;
  const bool is_timed = config_.training.max_minutes > 0;
  if (updates < (is_timed ? kFewestToPlanBy : 1)) return;
  double left = std::numeric_limits<double>::infinity();
  if (is_timed)
    left = kTimeMargin * (kSecondsPerMinute * config_.training.max_minutes - seconds() -
                          data_.seconds - ending_seconds());
  // The first process's measures are everyone's.
  std::array<double, 2> measures{left, plan_watch_.seconds() / static_cast<double>(updates)};
  group_.broadcast(measures);
  const bool is_first = state_.plan.max_updates == 0;
  state_.plan = plan_updates(schedule_, state_.update, measures[0], measures[1], most_updates());
  state_.plan.max_epochs = config_.training.max_epochs;
  state_.plan.max_minutes = config_.training.max_minutes;
  state_.plan.apply_to(schedule_);
  plan_watch_ = {};
  plan_start_ = state_.update;
  if (is_first && group_.is_first())
    spdlog::info("planned: {} updates, until the learning rate is 0", state_.plan.max_updates);
  report_.log("plan", {{"update", state_.update},
                       {"max_updates", state_.plan.max_updates},
                       {"warmup_updates", state_.plan.warmup_updates}});
}

bool Trainer::has_learnt_back() const {
  const double updates =
      config_.regularization.reverse_share * static_cast<double>(schedule_.max_updates);
  return state_.learns_back && state_.update >= std::llround(updates);
}

/// From here on one direction alone, beginning with a new epoch.
void Trainer::stop_learning_back() {
  if (state_.batch_in_epoch > 0) ++state_.epoch;
  state_.batch_in_epoch = 0;
  state_.learns_back = false;
  make_updater();
}

}  // namespace heed
