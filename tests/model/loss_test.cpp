#include "model/loss.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/aten_ops.h"
#include "tests/support/tensor_matchers.h"

namespace heed {
namespace {

constexpr std::int64_t kIgnored = 0;

struct LossAndGradient {
  double loss;
  at::Tensor gradient;
};

/// `factor` stands for what training multiplies the loss by ahead of backward.
LossAndGradient heed_loss(const at::Tensor& logits, const at::Tensor& target, double smoothing,
                          double factor = 1.0) {
  const at::Tensor leaf = logits.clone().requires_grad_();
  // `+ 0.0`: the loss uses up its argument, which must not be the leaf.
  const at::Tensor loss = label_smoothed_cross_entropy(leaf + 0.0, target, kIgnored, smoothing);
  (loss * factor).backward();
  return {loss.item<double>(), leaf.grad()};
}

LossAndGradient aten_loss(const at::Tensor& logits, const at::Tensor& target, double smoothing,
                          double factor = 1.0) {
  const at::Tensor leaf = logits.to(at::kDouble).requires_grad_();
  const at::Tensor loss =
      at::cross_entropy_loss(leaf, target, {}, at::Reduction::Sum, kIgnored, smoothing);
  (loss * factor).backward();
  return {loss.item<double>(), leaf.grad().to(at::kFloat)};
}

class LossTest : public testing::Test {
 protected:
  LossTest() {
    at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(1);
    logits_ = at::randn({40, 301}, generator) * 4.0;
    target_ = at::randint(0, 301, {40}, generator, at::kLong);
    target_.slice(0, 3, 40, 5).fill_(kIgnored);
  }

  at::Tensor logits_, target_;
};

TEST_F(LossTest, EqualsAtensCrossEntropy) {
  for (const double smoothing : {0.0, 0.1, 0.5}) {
    for (const double factor : {1.0, 0.125, 3.0}) {
      const LossAndGradient actual = heed_loss(logits_, target_, smoothing, factor);
      const LossAndGradient expected = aten_loss(logits_, target_, smoothing, factor);
      EXPECT_NEAR(actual.loss, expected.loss, 1e-6 * expected.loss);
      EXPECT_TRUE(close_to(actual.gradient, expected.gradient, 2e-6));
    }
  }
}

TEST_F(LossTest, StridedLogitsAndTargetsAreReadAsTheyAre) {
  const at::Tensor transposed = logits_.t().contiguous().t();
  const at::Tensor column = at::stack({target_, target_ + 1}, 1).select(1, 0);
  ASSERT_FALSE(transposed.is_contiguous());
  ASSERT_FALSE(column.is_contiguous());
  const LossAndGradient actual = heed_loss(transposed, column, 0.1);
  const LossAndGradient expected = aten_loss(logits_, target_, 0.1);
  EXPECT_NEAR(actual.loss, expected.loss, 1e-6 * expected.loss);
  EXPECT_TRUE(close_to(actual.gradient, expected.gradient, 2e-6));
}

TEST_F(LossTest, IgnoredTokensHaveNoLossAndNoGradient) {
  const LossAndGradient all_ignored = heed_loss(logits_, at::zeros({40}, at::kLong), 0.1);
  EXPECT_EQ(all_ignored.loss, 0.0);
  EXPECT_EQ(all_ignored.gradient.abs().max().item<float>(), 0.0F);
  const LossAndGradient some = heed_loss(logits_, target_, 0.1);
  EXPECT_EQ(some.gradient[3].abs().max().item<float>(), 0.0F);
  EXPECT_GT(some.gradient[4].abs().max().item<float>(), 0.0F);
}

TEST_F(LossTest, UniformLogitsCostTheLogarithmOfTheVocabulary) {
  const at::Tensor target = at::full({1}, 7, at::kLong);
  for (const double smoothing : {0.0, 0.1})
    EXPECT_NEAR(heed_loss(at::full({1, 301}, -5.0), target, smoothing).loss, std::log(301.0), 1e-6);
}

TEST_F(LossTest, HugeLogitsStayFiniteAndExact) {
  at::Tensor logits = at::full({2, 50}, -1e4);
  logits[0][7] = 1e4;  // all but sure of the target
  logits[1][8] = 1e4;  // all but sure of another token
  const at::Tensor target = at::full({2}, 7, at::kLong);
  for (const double smoothing : {0.0, 0.1}) {
    const LossAndGradient actual = heed_loss(logits, target, smoothing);
    const LossAndGradient expected = aten_loss(logits, target, smoothing);
    EXPECT_NEAR(actual.loss, expected.loss, 1e-6 * expected.loss);
    EXPECT_TRUE(is_finite(actual.gradient));
    EXPECT_TRUE(close_to(actual.gradient, expected.gradient, 1e-6));
  }
}

TEST_F(LossTest, ATargetOutsideTheVocabularyIsAnError) {
  for (const std::int64_t outside : {std::int64_t{301}, std::int64_t{-1}}) {
    target_[5] = outside;
    EXPECT_THROW(heed_loss(logits_, target_, 0.1), std::exception) << outside;
  }
}

TEST_F(LossTest, ANanIsSeenRatherThanHidden) {
  target_.fill_(7);
  logits_[0][9] = std::nan("");
  EXPECT_TRUE(std::isnan(heed_loss(logits_, target_, 0.1).loss));
}

}  // namespace
}  // namespace heed
