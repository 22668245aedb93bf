#include "app/train/time_plan.h"

#include <gtest/gtest.h>

#include <limits>

namespace heed {
namespace {

constexpr double kForever = std::numeric_limits<double>::infinity();

ScheduleOptions cosine() {
  ScheduleOptions schedule;
  schedule.schedule = Schedule::kCosine;
  schedule.learning_rate = 0.004;
  schedule.warmup_updates = 100;
  schedule.max_updates = 100'000;
  return schedule;
}

TEST(TimePlanTest, AsManyUpdatesAsFitIntoTheTime) {
  const TimePlan plan = plan_updates(cosine(), 200, 60.0, 0.1, 100'000);
  EXPECT_EQ(plan.max_updates, 200 + 600);
  EXPECT_EQ(plan_updates(cosine(), 200, 60.0, 0.1, 500).max_updates, 500);
  EXPECT_EQ(plan_updates(cosine(), 200, kForever, 0.1, 500).max_updates, 500);
  EXPECT_EQ(plan_updates(cosine(), 200, -3.0, 0.1, 500).max_updates, 201);
}

TEST(TimePlanTest, TheRateFallsToTheEndFromWhereItWas) {
  ScheduleOptions schedule = cosine();
  schedule.max_updates = 1100;
  const double before = learning_rate(schedule, 600);
  plan_updates(schedule, 600, 10.0, 0.1, 1100).apply_to(schedule);
  EXPECT_EQ(schedule.max_updates, 700);
  EXPECT_DOUBLE_EQ(learning_rate(schedule, 600), before);
  EXPECT_LT(learning_rate(schedule, 650), 0.5 * before);
  EXPECT_NEAR(learning_rate(schedule, 700), 0.0, 1e-12);
  // Planned again, later, from the middle of that.
  const double middle = learning_rate(schedule, 650);
  plan_updates(schedule, 650, 100.0, 0.1, 1100).apply_to(schedule);
  EXPECT_EQ(schedule.max_updates, 1100);
  EXPECT_DOUBLE_EQ(learning_rate(schedule, 650), middle);
  EXPECT_NEAR(learning_rate(schedule, 1100), 0.0, 1e-12);
}

TEST(TimePlanTest, AShortRunHasAShortWarmUp) {
  ScheduleOptions schedule = cosine();
  plan_updates(schedule, 20, 18.0, 0.1, 100'000).apply_to(schedule);
  EXPECT_EQ(schedule.max_updates, 200);
  EXPECT_EQ(schedule.warmup_updates, 40);
  EXPECT_DOUBLE_EQ(learning_rate(schedule, 40), 0.004);
  // One that is over stays what it was.
  schedule = cosine();
  plan_updates(schedule, 150, 5.0, 0.1, 100'000).apply_to(schedule);
  EXPECT_EQ(schedule.warmup_updates, 100);
}

TEST(TimePlanTest, WhereThereIsTimeForAllNothingChanges) {
  ScheduleOptions schedule = cosine();
  schedule.max_updates = 450;  // of which the warm-up is more than a fifth
  const ScheduleOptions before = schedule;
  for (const std::int64_t update : {20, 173, 300})
    plan_updates(schedule, update, 1000.0, 0.1, 450).apply_to(schedule);
  for (std::int64_t update = 1; update <= 450; ++update)
    ASSERT_EQ(learning_rate(schedule, update), learning_rate(before, update)) << update;
}

TEST(TimePlanTest, WithoutAPlanTheScheduleStays) {
  ScheduleOptions schedule = cosine();
  TimePlan{}.apply_to(schedule);
  EXPECT_EQ(schedule.max_updates, 100'000);
  EXPECT_EQ(schedule.warmup_updates, 100);
}

}  // namespace
}  // namespace heed
