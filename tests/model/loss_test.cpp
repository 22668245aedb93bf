#include "model/loss.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/aten_ops.h"
#include "tests/support/tensor_matchers.h"

namespace heed {
namespace {

struct LossAndGradient {
  double loss;
  at::Tensor hidden_grad;
  at::Tensor weight_grad;
};

/// With room for its gradient.
at::Tensor weight_leaf(const at::Tensor& weight) {
  at::Tensor leaf = weight.detach().clone().requires_grad_();
  leaf.mutable_grad() = at::zeros_like(weight);
  return leaf;
}

LossAndGradient heed_loss(const at::Tensor& hidden, const at::Tensor& weight,
                          const at::Tensor& targets, double smoothing) {
  const at::Tensor leaf = weight_leaf(weight);
  const Loss loss = projected_loss(hidden, leaf, targets, smoothing);
  return {loss.total.item<double>(), loss.hidden_grad, leaf.grad()};
}

LossAndGradient aten_loss(const at::Tensor& hidden, const at::Tensor& weight,
                          const at::Tensor& targets, double smoothing) {
  const at::Tensor x = hidden.detach().to(at::kDouble).requires_grad_();
  const at::Tensor w = weight.detach().to(at::kDouble).requires_grad_();
  const at::Tensor loss = at::cross_entropy_loss(
      at::matmul(x, w.t()), targets, {}, at::Reduction::Sum, /*ignore_index=*/-100, smoothing);
  loss.backward();
  return {loss.item<double>(), x.grad().to(at::kFloat), w.grad().to(at::kFloat)};
}

/// Rows whose logits are `logits`: the weight is the identity, so the gradients are the logits'.
LossAndGradient heed_loss_of_logits(const at::Tensor& logits, const at::Tensor& targets,
                                    double smoothing) {
  return heed_loss(logits, at::eye(logits.size(1)), targets, smoothing);
}

class LossTest : public testing::Test {
 protected:
  /// More rows than the loss takes at a time, and an odd vocabulary.
  LossTest() {
    at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(1);
    hidden_ = at::randn({300, 24}, generator);
    weight_ = at::randn({301, 24}, generator) * 0.8;
    targets_ = at::randint(0, 301, {300}, generator, at::kLong);
  }

  void expect_equals_atens(const at::Tensor& hidden, const at::Tensor& weight,
                           const at::Tensor& targets, double smoothing) const {
    const LossAndGradient actual = heed_loss(hidden, weight, targets, smoothing);
    const LossAndGradient expected = aten_loss(hidden, weight, targets, smoothing);
    EXPECT_NEAR(actual.loss, expected.loss, 1e-6 * expected.loss);
    EXPECT_TRUE(close_to(actual.hidden_grad, expected.hidden_grad, 2e-6));
    EXPECT_TRUE(close_to(actual.weight_grad, expected.weight_grad, 2e-6));
  }

  at::Tensor hidden_, weight_, targets_;
};

TEST_F(LossTest, EqualsAtensCrossEntropy) {
  for (const double smoothing : {0.0, 0.1, 0.5}) {
    for (const std::int64_t rows : {1, 63, 64, 65, 255, 256, 257, 300}) {
      SCOPED_TRACE(rows);
      expect_equals_atens(hidden_.narrow(0, 0, rows), weight_, targets_.narrow(0, 0, rows),
                          smoothing);
    }
  }
}

TEST_F(LossTest, StridedRowsAreReadAsTheyAre) {
  const at::Tensor transposed = hidden_.t().contiguous().t();
  ASSERT_FALSE(transposed.is_contiguous());
  expect_equals_atens(transposed, weight_, targets_, 0.1);
}

TEST_F(LossTest, StridedTargetsAreReadAsTheyAre) {
  const at::Tensor column = at::stack({targets_, at::zeros_like(targets_)}, 1).select(1, 0);
  ASSERT_FALSE(column.is_contiguous());
  expect_equals_atens(hidden_, weight_, column, 0.1);
}

TEST_F(LossTest, TheWeightsGradientIsAddedToWhatIsThere) {
  const at::Tensor leaf = weight_leaf(weight_);
  projected_loss(hidden_, leaf, targets_, 0.1);
  const at::Tensor once = leaf.grad().clone();
  projected_loss(hidden_, leaf, targets_, 0.1);
  EXPECT_TRUE(close_to(leaf.grad(), once * 2.0, 1e-6));
}

TEST_F(LossTest, WithoutGradientsOnlyTheLossIsComputed) {
  const double expected = heed_loss(hidden_, weight_, targets_, 0.1).loss;
  const at::Tensor leaf = weight_leaf(weight_);
  const at::NoGradGuard no_grad;
  const Loss loss = projected_loss(hidden_, leaf, targets_, 0.1);
  EXPECT_EQ(loss.total.item<double>(), expected);
  EXPECT_FALSE(loss.hidden_grad.defined());
  EXPECT_EQ(leaf.grad().abs().max().item<float>(), 0.0F);
  // Nor is there a need for a gradient's room.
  EXPECT_EQ(projected_loss(hidden_, weight_, targets_, 0.1).total.item<double>(), expected);
}

TEST_F(LossTest, NoRowsHaveNoLossAndNoGradient) {
  const LossAndGradient none =
      heed_loss(hidden_.narrow(0, 0, 0), weight_, targets_.narrow(0, 0, 0), 0.1);
  EXPECT_EQ(none.loss, 0.0);
  EXPECT_EQ(none.hidden_grad.sizes(), (std::vector<std::int64_t>{0, 24}));
  EXPECT_EQ(none.weight_grad.abs().max().item<float>(), 0.0F);
}

TEST_F(LossTest, LogProbsOfTargetsSumToTheLossWithoutSmoothing) {
  const at::Tensor log_probs = target_log_probs(hidden_, weight_, targets_);
  ASSERT_EQ(log_probs.sizes(), (std::vector<std::int64_t>{300}));
  const at::Tensor expected = at::log_softmax(at::matmul(hidden_, weight_.t()).to(at::kDouble), 1)
                                  .gather(1, targets_.unsqueeze(1))
                                  .squeeze(1);
  EXPECT_TRUE(close_to(log_probs, expected.to(at::kFloat), 1e-6));
  const double loss = heed_loss(hidden_, weight_, targets_, 0.0).loss;
  EXPECT_NEAR(-log_probs.sum().item<double>(), loss, 1e-6 * loss);
}

TEST_F(LossTest, UniformLogitsCostTheLogarithmOfTheVocabulary) {
  const at::Tensor target = at::full({1}, 7, at::kLong);
  for (const double smoothing : {0.0, 0.1})
    EXPECT_NEAR(heed_loss_of_logits(at::full({1, 301}, -5.0), target, smoothing).loss,
                std::log(301.0), 1e-6);
}

TEST_F(LossTest, HugeLogitsStayFiniteAndExact) {
  at::Tensor logits = at::full({2, 50}, -1e4);
  logits[0][7] = 1e4;  // all but sure of the target
  logits[1][8] = 1e4;  // all but sure of another token
  const at::Tensor target = at::full({2}, 7, at::kLong);
  for (const double smoothing : {0.0, 0.1}) {
    const LossAndGradient actual = heed_loss_of_logits(logits, target, smoothing);
    const LossAndGradient expected = aten_loss(logits, at::eye(50), target, smoothing);
    EXPECT_NEAR(actual.loss, expected.loss, 1e-6 * expected.loss);
    EXPECT_TRUE(is_finite(actual.hidden_grad));
    EXPECT_TRUE(close_to(actual.hidden_grad, expected.hidden_grad, 1e-6));
  }
}

TEST_F(LossTest, ATargetOutsideTheVocabularyIsAnError) {
  for (const std::int64_t outside : {std::int64_t{301}, std::int64_t{-1}}) {
    targets_[5] = outside;
    EXPECT_THROW(heed_loss(hidden_, weight_, targets_, 0.1), std::exception) << outside;
  }
}

TEST_F(LossTest, ANanIsSeenRatherThanHidden) {
  hidden_[0][9] = std::nan("");
  for (const double smoothing : {0.0, 0.1})
    EXPECT_TRUE(std::isnan(heed_loss(hidden_, weight_, targets_, smoothing).loss));
  at::Tensor weight = weight_.clone();
  weight[9][3] = std::nan("");  // one logit of each row
  for (const double smoothing : {0.0, 0.1})
    EXPECT_TRUE(std::isnan(
        heed_loss(hidden_.narrow(0, 1, 5), weight, targets_.narrow(0, 1, 5), smoothing).loss));
}

}  // namespace
}  // namespace heed
