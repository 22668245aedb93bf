#include <gtest/gtest.h>

#include <cmath>

#include "model/loss.h"
#include "model/reference_functions.h"
#include "tests/support/kernel_testing.h"

namespace heed {
namespace {

constexpr std::int64_t kRows = 700;       // several chunks and a part of one
constexpr std::int64_t kVocabSize = 301;  // odd: bfloat16 is read in pairs
constexpr std::int64_t kDModel = 34;

struct LossCase {
  explicit LossCase(at::ScalarType type) {
    Draw draw;
    hidden = draw({kRows, kDModel}, type);
    weight = (draw({kVocabSize, kDModel}, type) * 0.5).requires_grad_();
    weight.mutable_grad() = at::zeros(weight.sizes(), at::kFloat);
    targets = draw.integers(kVocabSize, {kRows});
    bias = (draw({kVocabSize}, at::kFloat) * 0.5).requires_grad_();
    bias.mutable_grad() = at::zeros(bias.sizes(), at::kFloat);
  }

  Loss loss(double smoothing) const { return projected_loss(hidden, weight, targets, smoothing); }

  at::Tensor hidden, weight, bias, targets;
};

/// ATen's in double, with gradients in the leaves.
struct ExactLoss {
  ExactLoss(const LossCase& in, double smoothing, bool with_bias)
      : hidden(exact_leaf(in.hidden)), weight(exact_leaf(in.weight)), bias(exact_leaf(in.bias)) {
    const at::Tensor logits = at::matmul(hidden, weight.t());
    total = at::cross_entropy_loss(with_bias ? logits + bias : logits, in.targets, {},
                                   at::Reduction::Sum, -100, smoothing);
    total.backward();
  }

  at::Tensor hidden, weight, bias, total;
};

using LossFunction = Loss (*)(const at::Tensor&, const at::Tensor&, const at::Tensor&, double,
                              const at::Tensor&);

void expect_cross_entropy(LossFunction function, at::ScalarType type, double smoothing,
                          bool with_bias) {
  SCOPED_TRACE(testing::Message() << type << ", smoothing " << smoothing);
  const LossCase in(type);
  const ExactLoss exact(in, smoothing, with_bias);
  const Loss actual =
      function(in.hidden, in.weight, in.targets, smoothing, with_bias ? in.bias : at::Tensor());
  // The bias makes some pieces likelier, whose gradients carry more of their logits' rounding.
  const double tolerance = type == at::kFloat ? 1e-5 : with_bias ? 1.0 / 64.0 : 1.0 / 128.0;
  EXPECT_TRUE(close_to(actual.total, exact.total.detach(), type == at::kFloat ? 1e-6 : 1e-3));
  EXPECT_EQ(actual.hidden_grad.scalar_type(), type);
  EXPECT_TRUE(close_to(actual.hidden_grad, exact.hidden.grad(), tolerance));
  EXPECT_TRUE(close_to(in.weight.grad(), exact.weight.grad(), tolerance));
  if (with_bias) {
    EXPECT_TRUE(close_to(in.bias.grad(), exact.bias.grad(), tolerance));
  }
}

TEST(ProjectedLossTest, EqualsAtensCrossEntropy) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16})
    for (const double smoothing : {0.0, 0.1, 0.5})
      for (const bool with_bias : {false, true})
        expect_cross_entropy(projected_loss, type, smoothing, with_bias);
}

TEST(ProjectedLossTest, TheReferenceEqualsAtensCrossEntropy) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16})
    for (const double smoothing : {0.0, 0.1})
      for (const bool with_bias : {false, true})
        expect_cross_entropy(reference::projected_loss, type, smoothing, with_bias);
}

TEST(ProjectedLossTest, AFrozenWeightNeedsNoRoomForItsGradient) {
  for (const LossFunction function : {projected_loss, reference::projected_loss}) {
    const LossCase in(at::kFloat);
    const Loss frozen = function(in.hidden, in.weight.detach(), in.targets, 0.1, {});
    const Loss trained = function(in.hidden, in.weight, in.targets, 0.1, {});
    EXPECT_TRUE(at::equal(frozen.total, trained.total));
    EXPECT_TRUE(at::equal(frozen.hidden_grad, trained.hidden_grad));
  }
}

TEST(TargetLogProbsTest, AreTheLossOfEachRow) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    const LossCase in(type);
    const at::Tensor log_probs = target_log_probs(in.hidden, in.weight, in.targets, in.bias);
    const at::Tensor logits =
        at::matmul(in.hidden.to(at::kDouble), in.weight.to(at::kDouble).t()) + in.bias.detach();
    const at::Tensor expected =
        at::log_softmax(logits, -1).gather(1, in.targets.unsqueeze(1)).squeeze(1);
    EXPECT_EQ(log_probs.scalar_type(), at::kFloat);
    EXPECT_TRUE(close_to(log_probs, expected.detach(), type == at::kFloat ? 1e-6 : 1.0 / 128.0));
    EXPECT_TRUE(close_to(
        log_probs,
        reference::target_log_probs(in.hidden, in.weight.detach(), in.targets, in.bias.detach()),
        type == at::kFloat ? 1e-6 : 1.0 / 128.0));
  }
}

}  // namespace
}  // namespace heed
