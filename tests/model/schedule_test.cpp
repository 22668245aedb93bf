#include "model/schedule.h"

#include <gtest/gtest.h>

#include <cmath>

namespace heed {
namespace {

TEST(ScheduleTest, WarmsUpThenDecaysWithTheInverseSquareRoot) {
  ScheduleOptions options;
  options.learning_rate = 0.004;
  options.warmup_updates = 100;
  EXPECT_DOUBLE_EQ(learning_rate(options, 1), 0.00004);
  EXPECT_DOUBLE_EQ(learning_rate(options, 50), 0.002);
  EXPECT_DOUBLE_EQ(learning_rate(options, 100), 0.004);
  EXPECT_DOUBLE_EQ(learning_rate(options, 400), 0.002);
  EXPECT_DOUBLE_EQ(learning_rate(options, 10'000), 0.0004);
}

TEST(ScheduleTest, CosineGoesFromThePeakToTheFinalRateAndStays) {
  ScheduleOptions options;
  options.schedule = Schedule::kCosine;
  options.learning_rate = 0.004;
  options.final_learning_rate = 0.001;
  options.warmup_updates = 100;
  options.max_updates = 300;
  EXPECT_DOUBLE_EQ(learning_rate(options, 50), 0.002);
  EXPECT_DOUBLE_EQ(learning_rate(options, 100), 0.004);
  EXPECT_DOUBLE_EQ(learning_rate(options, 200), 0.0025);
  EXPECT_NEAR(learning_rate(options, 150), 0.001 + 0.0015 * (1.0 + std::sqrt(0.5)), 1e-15);
  EXPECT_DOUBLE_EQ(learning_rate(options, 300), 0.001);
  EXPECT_DOUBLE_EQ(learning_rate(options, 1'000), 0.001);
}

TEST(ScheduleTest, WithoutWarmUpTheFirstUpdateHasThePeak) {
  ScheduleOptions options;
  options.learning_rate = 0.004;
  options.warmup_updates = 0;
  options.max_updates = 8;
  EXPECT_DOUBLE_EQ(learning_rate(options, 1), 0.004);
  EXPECT_DOUBLE_EQ(learning_rate(options, 4), 0.002);
  options.schedule = Schedule::kCosine;
  EXPECT_DOUBLE_EQ(learning_rate(options, 8), 0.0);
}

}  // namespace
}  // namespace heed
