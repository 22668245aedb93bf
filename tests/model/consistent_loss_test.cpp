#include <gtest/gtest.h>

#include "model/loss.h"
#include "model/reference_functions.h"
#include "tests/support/kernel_testing.h"

namespace heed {
namespace {

constexpr std::int64_t kTargets = 300;    // several chunks and a part of one
constexpr std::int64_t kVocabSize = 301;  // odd: bfloat16 is read in pairs
constexpr std::int64_t kDModel = 34;
constexpr double kSmoothing = 0.1;
constexpr double kConsistency = 5.0;

struct PairCase {
  explicit PairCase(at::ScalarType type) {
    Draw draw;
    hidden = draw({2 * kTargets, kDModel}, type);
    weight = (draw({kVocabSize, kDModel}, type) * 0.5).requires_grad_();
    weight.mutable_grad() = at::zeros(weight.sizes(), at::kFloat);
    targets = draw.integers(kVocabSize, {kTargets});
    bias = (draw({kVocabSize}, at::kFloat) * 0.5).requires_grad_();
    bias.mutable_grad() = at::zeros(bias.sizes(), at::kFloat);
  }

  at::Tensor hidden, weight, bias, targets;
};

/// The definition in ATen's operators, in double, with gradients by autograd.
struct ExactPairs {
  explicit ExactPairs(const PairCase& in)
      : hidden(exact_leaf(in.hidden)), weight(exact_leaf(in.weight)), bias(exact_leaf(in.bias)) {
    const at::Tensor log_probs = at::log_softmax(at::matmul(hidden, weight.t()) + bias, -1);
    const at::Tensor p = log_probs.narrow(0, 0, kTargets);
    const at::Tensor q = log_probs.narrow(0, kTargets, kTargets);
    for (const at::Tensor& pass : {p, q})
      total = total + 0.5 * at::cross_entropy_loss(pass, in.targets, {}, at::Reduction::Sum, -100,
                                                   kSmoothing);
    divergence = 0.5 * ((p.exp() * (p - q)).sum() + (q.exp() * (q - p)).sum());
    (total + 0.5 * kConsistency * divergence).backward();
  }

  at::Tensor hidden, weight, bias;
  at::Tensor total = at::zeros({}, at::kDouble);
  at::Tensor divergence;
};

using PairFunction = Loss (*)(const at::Tensor&, const at::Tensor&, const at::Tensor&, double,
                              double, const at::Tensor&);

void expect_definition(PairFunction function, at::ScalarType type) {
  SCOPED_TRACE(type);
  const PairCase in(type);
  const ExactPairs exact(in);
  const Loss actual = function(in.hidden, in.weight, in.targets, kSmoothing, kConsistency, in.bias);
  const double tolerance = type == at::kFloat ? 1e-5 : 1.0 / 64.0;
  EXPECT_TRUE(close_to(actual.total, exact.total.detach(), type == at::kFloat ? 1e-6 : 1e-3));
  EXPECT_TRUE(
      close_to(actual.divergence, exact.divergence.detach(), type == at::kFloat ? 1e-5 : 5e-3));
  EXPECT_EQ(actual.hidden_grad.scalar_type(), type);
  EXPECT_TRUE(close_to(actual.hidden_grad, exact.hidden.grad(), tolerance));
  EXPECT_TRUE(close_to(in.weight.grad(), exact.weight.grad(), tolerance));
  EXPECT_TRUE(close_to(in.bias.grad(), exact.bias.grad(), tolerance));
}

TEST(ConsistentLossTest, IsItsDefinitionAndSoAreItsGradients) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16})
    expect_definition(consistent_loss, type);
}

TEST(ConsistentLossTest, TheReferenceIsItsDefinition) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16})
    expect_definition(reference::consistent_loss, type);
}

TEST(ConsistentLossTest, EqualPassesHaveThePlainLossAndNoDivergence) {
  const PairCase in(at::kFloat);
  const at::Tensor once = in.hidden.narrow(0, 0, kTargets);
  const at::Tensor twice = at::cat({once, once});
  const Loss pairs =
      consistent_loss(twice, in.weight.detach(), in.targets, kSmoothing, kConsistency);
  const Loss plain = projected_loss(once, in.weight.detach(), in.targets, kSmoothing);
  EXPECT_TRUE(close_to(pairs.total, plain.total, 1e-9));
  EXPECT_NEAR(pairs.divergence.item<double>(), 0.0, 1e-6);
  EXPECT_TRUE(close_to(pairs.hidden_grad.narrow(0, 0, kTargets) * 2.0, plain.hidden_grad, 1e-6));
}

TEST(ConsistentLossTest, TakesTwoRowsATarget) {
  const PairCase in(at::kFloat);
  EXPECT_THROW(consistent_loss(in.hidden.narrow(0, 0, kTargets), in.weight, in.targets, kSmoothing,
                               kConsistency),
               std::exception);
}

}  // namespace
}  // namespace heed
