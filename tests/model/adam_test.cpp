#include "model/adam.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/aten_ops.h"
#include "tests/support/tensor_matchers.h"

namespace heed {
namespace {

/// One value through two updates of Adam, by hand: gradients 2 and -1, learning rates 0.1 and 0.05.
struct ByHand {
  double after_first;
  double after_second;
};

ByHand adam_by_hand(double value, double decay) {
  const double g1 = 2.0;
  const double m1 = 0.1 * g1;
  const double v1 = 0.02 * g1 * g1;
  // Corrected for their start at zero both are the gradient itself, so the step is its sign.
  const double first = value - 0.1 * decay * value - 0.1 * g1 / std::abs(g1);
  const double g2 = -1.0;
  const double m2 = 0.9 * m1 + 0.1 * g2;
  const double v2 = 0.98 * v1 + 0.02 * g2 * g2;
  const double mean = m2 / (1.0 - 0.9 * 0.9);
  const double square = v2 / (1.0 - 0.98 * 0.98);
  return {first, first - 0.05 * decay * first - 0.05 * mean / std::sqrt(square)};
}

void expect_two_steps(const AdamOptions& options, const ByHand& expected, double grad_scale) {
  at::Tensor values = at::full({19}, 0.5);  // more than one vector register holds
  Adam adam(options, values);
  adam.step(values, at::full({19}, 2.0 / grad_scale), grad_scale, 0.1, 1);
  EXPECT_TRUE(close_to(values, at::full({19}, expected.after_first), 1e-6));
  adam.step(values, at::full({19}, -1.0 / grad_scale), grad_scale, 0.05, 2);
  EXPECT_TRUE(close_to(values, at::full({19}, expected.after_second), 1e-6));
}

TEST(AdamTest, TwoStepsByHand) {
  expect_two_steps({}, adam_by_hand(0.5, 0.0), 1.0);
  expect_two_steps({}, adam_by_hand(0.5, 0.0), 0.25);
  EXPECT_NEAR(adam_by_hand(0.5, 0.0).after_first, 0.4, 1e-12);
}

TEST(AdamTest, WeightDecayIsTakenOffTheValue) {
  AdamOptions options;
  options.weight_decay = 0.4;
  expect_two_steps(options, adam_by_hand(0.5, 0.4), 1.0);
}

TEST(AdamTest, TheMomentsAreTheRunningMeans) {
  at::Tensor values = at::zeros({5});
  Adam adam({}, values);
  adam.step(values, at::full({5}, 2.0), 0.5, 0.1, 1);
  EXPECT_TRUE(close_to(adam.first_moment, at::full({5}, 0.1), 1e-6));
  EXPECT_TRUE(close_to(adam.second_moment, at::full({5}, 0.02), 1e-6));
}

TEST(AdamTest, WhatHasNoGradientStays) {
  at::Tensor values = at::ones({33});
  Adam adam({}, values);
  adam.step(values, at::zeros({33}), 1.0, 0.1, 1);
  EXPECT_TRUE(at::equal(values, at::ones({33})));
}

TEST(AdamTest, MomentsPutBackContinueBitForBit) {
  const at::Tensor gradients = at::randn({6, 50});
  at::Tensor whole = at::ones({50});
  Adam adam({}, whole);
  at::Tensor resumed;
  Adam second({}, whole);
  for (std::int64_t update = 1; update <= 6; ++update) {
    if (update == 4) {
      resumed = whole.clone();
      second.first_moment.copy_(adam.first_moment);
      second.second_moment.copy_(adam.second_moment);
    }
    adam.step(whole, gradients[update - 1], 1.0, 0.01, update);
    if (update >= 4) second.step(resumed, gradients[update - 1], 1.0, 0.01, update);
  }
  EXPECT_TRUE(at::equal(resumed, whole));
}

TEST(AdamTest, TheAverageForgetsByItsDecayAndFasterInTheBeginning) {
  AdamOptions options;
  options.average_decay = 0.75;
  const at::Tensor values = at::randn({50});
  Adam adam(options, values);
  at::Tensor expected = values.clone();
  EXPECT_TRUE(at::equal(adam.average, expected));
  for (std::int64_t update = 1; update <= 40; ++update) {
    adam.step_part(values, at::randn({50}), 0, 20, 1.0, 0.1, update);
    adam.step_part(values, at::randn({50}), 20, 30, 1.0, 0.1, update);
    const double u = static_cast<double>(update);
    const double decay = std::min(0.75, u / (9.0 + u));
    expected = expected * decay + values * (1.0 - decay);
    EXPECT_TRUE(close_to(adam.average, expected, 1e-5)) << update;
  }
  EXPECT_FALSE(Adam({}, values).average.defined());
}

TEST(AdamTest, PartsMakeUpAStep) {
  const at::Tensor start = at::randn({50});
  const at::Tensor gradients = at::randn({2, 50});
  const at::Tensor whole = start.clone();
  const at::Tensor in_parts = start.clone();
  Adam adam({}, whole);
  Adam second({}, in_parts);
  for (std::int64_t update = 1; update <= 2; ++update) {
    const at::Tensor gradient = gradients[update - 1];
    adam.step(whole, gradient, 0.5, 0.01, update);
    second.step_part(in_parts, gradient, 0, 16, 0.5, 0.01, update);
    EXPECT_FALSE(close_to(in_parts, whole, 1e-3));  // the rest waits
    second.step_part(in_parts, gradient, 16, 34, 0.5, 0.01, update);
    EXPECT_TRUE(close_to(in_parts, whole, 1e-6));
  }
}

TEST(SumOfSquaresTest, IsSummedInDoublePrecision) {
  for (const KernelSet& set : kernel_sets()) {
    SCOPED_TRACE(set.name);
    const auto norm = [&](const at::Tensor& x) {
      return std::sqrt(set.flat.sum_of_squares(x.const_data_ptr<float>(), x.numel()));
    };
    EXPECT_EQ(norm(at::tensor({3.0F, 4.0F})), 5.0);
    EXPECT_EQ(norm(at::zeros({0})), 0.0);
    const double size = 3e6;  // a float sum of squares would stop growing long before
    EXPECT_NEAR(norm(at::full({3'000'000}, 10.0)), 10.0 * std::sqrt(size), 1e-6);
  }
}

}  // namespace
}  // namespace heed
