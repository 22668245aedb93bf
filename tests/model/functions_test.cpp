#include "model/functions.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "model/position_tables.h"
#include "model/reference_functions.h"
#include "tests/support/finite_differences.h"
#include "tests/support/kernel_testing.h"

namespace heed {
namespace {

constexpr Dropout kNoDropout{};
constexpr Dropout kSomeDropout{0.3, 0x123456789abcdefULL};

/// One function over given leaves, by the kernels and by ATen.
struct FunctionCase {
  using Call = std::function<at::Tensor(const Dropout&)>;

  std::string name;
  std::vector<at::Tensor> leaves;  // all with room for a gradient
  Call call, reference;
};

/// Leaves of one test; gradients of parameters are float whatever the type.
class Leaves {
 public:
  explicit Leaves(at::ScalarType type) : type_(type) {}

  /// A matrix or activations, in the test's type.
  at::Tensor low(at::IntArrayRef shape) { return leaf(draw_(shape, type_)); }
  /// Norms, biases, positions.
  at::Tensor exact(at::IntArrayRef shape) { return leaf(draw_(shape)); }
  /// Away from zero, where relu has no derivative.
  at::Tensor off_zero(at::IntArrayRef shape) {
    const at::Tensor values = draw_(shape, type_);
    return leaf(values + values.sign() * 0.1);
  }

 private:
  static at::Tensor leaf(at::Tensor values) {
    values.requires_grad_();
    values.mutable_grad() = at::zeros(values.sizes(), at::kFloat);
    return values;
  }

  at::ScalarType type_;
  Draw draw_;
};

FunctionCase linear_case(Leaves leaves) {
  const at::Tensor x = leaves.low({7, 3, 10}), w = leaves.low({18, 10}), b = leaves.exact({18});
  return {"linear",
          {x, w, b},
          [=](const Dropout&) { return linear(x, w, b); },
          [=](const Dropout&) { return reference::linear(x, w, b); }};
}

FunctionCase activation_case(Leaves leaves, Activation kind) {
  const at::Tensor x = leaves.off_zero({9, 21});
  return {"activation " + std::to_string(static_cast<int>(kind)),
          {x},
          [=](const Dropout& d) { return activate(x, kind, d); },
          [=](const Dropout& d) { return reference::activate(x, kind, d); }};
}

FunctionCase layer_norm_case(Leaves leaves) {
  const at::Tensor x = leaves.low({9, 22}), w = leaves.exact({22}), b = leaves.exact({22});
  return {"layer_norm",
          {x, w, b},
          [=](const Dropout&) { return layer_norm(x, w, b); },
          [=](const Dropout&) { return reference::layer_norm(x, w, b); }};
}

/// Which of both results are used: a network's last sum goes only into its norm.
enum class Used { kBoth, kNorm, kSum };

FunctionCase add_and_norm_case(Leaves leaves, Used used) {
  const at::Tensor x = leaves.low({9, 22}), y = leaves.low({9, 22});
  const at::Tensor w = leaves.exact({22}), b = leaves.exact({22});
  const auto join = [used](const SumAndNorm& both) {
    return used == Used::kBoth   ? at::cat({both.sum, both.normed})
           : used == Used::kNorm ? both.normed
                                 : both.sum;
  };
  return {"add_and_norm " + std::to_string(static_cast<int>(used)),
          {x, y, w, b},
          [=](const Dropout& d) { return join(add_and_norm(x, y, d, w, b)); },
          [=](const Dropout& d) { return join(reference::add_and_norm(x, y, d, w, b)); }};
}

Packing packing_of(const std::vector<std::int32_t>& lengths) {
  return Packing(lengths);
}

FunctionCase embed_case(Leaves leaves) {
  const at::Tensor table = leaves.low({11, 12}), positions = leaves.exact({4, 12});
  // The longest sentence is longer than there are positions; some tokens come twice.
  const PackedIds ids{at::tensor({3, 5, 5, 0, 10, 3, 2, 1, 7, 7}).to(at::kLong),
                      packing_of({2, 7, 0, 1})};
  return {"embed",
          {table, positions},
          [=](const Dropout& d) { return embed(table, positions, ids, d); },
          [=](const Dropout& d) { return reference::embed(table, positions, ids, d); }};
}

FunctionCase attention_case(std::string name, const AttentionInput& input) {
  std::vector<at::Tensor> leaves{input.queries};
  if (!input.is_self()) leaves.push_back(input.keys_values);
  return {std::move(name), leaves, [=](const Dropout& d) { return attend(input, d); },
          [=](const Dropout& d) { return reference::attend(input, d); }};
}

std::vector<FunctionCase> all_cases(at::ScalarType type) {
  const Leaves leaves(type);
  std::vector<FunctionCase> cases{linear_case(leaves), layer_norm_case(leaves), embed_case(leaves)};
  for (const Activation kind : {Activation::kRelu, Activation::kGelu, Activation::kSwish})
    cases.push_back(activation_case(leaves, kind));
  for (const Used used : {Used::kBoth, Used::kNorm, Used::kSum})
    cases.push_back(add_and_norm_case(leaves, used));
  const Packing queries = packing_of({3, 1, 17, 5}), keys = packing_of({2, 18, 4, 1});
  Leaves of_attention(type);
  for (const bool is_causal : {false, true})
    for (const at::Tensor& rotations : {at::Tensor(), rotary_positions(0, 20, 4)})
      cases.push_back(attention_case(
          std::string(is_causal ? "causal" : "self") + (rotations.defined() ? ", rotary" : ""),
          {of_attention.low({26, 24}), {}, queries, queries, 2, is_causal, rotations}));
  cases.push_back(attention_case(
      "cross", {of_attention.low({26, 8}), of_attention.low({25, 16}), queries, keys, 2, false}));
  return cases;
}

/// Result, then the gradients by all leaves of sum(result * incoming).
std::vector<at::Tensor> run_back(const FunctionCase& function, const FunctionCase::Call& call,
                                 const Dropout& dropout) {
  for (const at::Tensor& leaf : function.leaves) leaf.grad().zero_();
  const at::Tensor out = call(dropout);
  Draw draw(5);
  out.backward(draw(out.sizes(), out.scalar_type()));
  std::vector<at::Tensor> results{out.detach()};
  for (const at::Tensor& leaf : function.leaves) results.push_back(leaf.grad().clone());
  return results;
}

TEST(FunctionsTest, EqualTheReferenceForwardAndBackward) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16})
    for (const FunctionCase& function : all_cases(type)) {
      const auto actual = run_back(function, function.call, kNoDropout);
      const auto expected = run_back(function, function.reference, kNoDropout);
      EXPECT_EQ(actual[0].scalar_type(), type) << function.name;
      for (std::size_t i = 0; i < actual.size(); ++i)
        EXPECT_TRUE(close_to(actual[i].to(at::kFloat), expected[i].to(at::kFloat),
                             type == at::kFloat ? 1e-5 : 1.0 / 64.0))
            << function.name << " of " << type << ", result " << i;
    }
}

TEST(FunctionsTest, GradientsUnderDropoutEqualFiniteDifferences) {
  Draw draw;
  for (const FunctionCase& function : all_cases(at::kFloat)) {
    const auto results = run_back(function, function.call, kSomeDropout);
    const at::Tensor incoming = Draw(5)(results[0].sizes()).to(at::kDouble);
    const auto value = [&] {
      return (function.call(kSomeDropout).detach() * incoming).sum().item<double>();
    };
    for (std::size_t i = 0; i < function.leaves.size(); ++i) {
      const at::Tensor& grad = results[i + 1];
      const at::Tensor direction = draw(grad.sizes());
      const double expected = directional_difference(value, function.leaves[i], direction, 1e-3);
      EXPECT_NEAR((grad * direction).sum().item<double>(), expected,
                  5e-3 * grad.norm().item<double>() + 1e-6)
          << function.name << ", leaf " << i;
    }
  }
}

TEST(FunctionsTest, GradientsOfParametersAreAddedToWhatIsThere) {
  const FunctionCase function = linear_case(Leaves(at::kBFloat16));
  const at::Tensor weight = function.leaves[1];
  const at::Tensor once = run_back(function, function.call, kNoDropout)[2];
  Draw draw(5);
  const at::Tensor out = function.call(kNoDropout);
  out.backward(draw(out.sizes(), at::kBFloat16));
  EXPECT_EQ(weight.grad().scalar_type(), at::kFloat);
  EXPECT_TRUE(close_to(weight.grad(), once * 2.0, 1e-6));
}

TEST(FunctionsTest, AParameterWithoutRoomForItsGradientIsAnError) {
  const FunctionCase function = linear_case(Leaves(at::kFloat));
  function.leaves[1].mutable_grad() = at::Tensor();
  EXPECT_THROW(function.call(kNoDropout).sum().backward(), c10::Error);
}

TEST(FunctionsTest, OneSeedGivesOneMaskAndAnotherAnother) {
  for (const FunctionCase& function : all_cases(at::kFloat)) {
    if (function.name == "linear" || function.name == "layer_norm") continue;
    for (const auto& call : {function.call, function.reference}) {
      const at::Tensor out = call(kSomeDropout);
      EXPECT_TRUE(at::equal(out, call(kSomeDropout))) << function.name;
      EXPECT_FALSE(at::equal(out, call({0.3, 99}))) << function.name;
    }
  }
}

TEST(FunctionsTest, StridedInputsAndGradientsAreReadAsTheyAre) {
  Draw draw;
  const at::Tensor x = draw({22, 9}).t().requires_grad_();
  const at::Tensor weight = at::ones({22}).requires_grad_(),
                   bias = at::zeros({22}).requires_grad_();
  weight.mutable_grad() = at::zeros({22});
  bias.mutable_grad() = at::zeros({22});
  const at::Tensor grad = draw({22, 9}).t();
  const at::Tensor strided = layer_norm(x, weight, bias);
  strided.backward(grad);
  const at::Tensor dense_x = x.detach().contiguous().requires_grad_();
  const at::Tensor dense = layer_norm(dense_x, weight, bias);
  dense.backward(grad.contiguous());
  EXPECT_TRUE(at::equal(strided, dense));
  EXPECT_TRUE(at::equal(x.grad(), dense_x.grad()));
}

TEST(FunctionsTest, WithoutGradientsResultsAreTheSame) {
  for (const FunctionCase& function : all_cases(at::kFloat)) {
    const at::Tensor with = function.call(kNoDropout);
    const at::NoGradGuard no_grad;
    const at::Tensor without = function.call(kNoDropout);
    EXPECT_FALSE(without.requires_grad()) << function.name;
    EXPECT_TRUE(close_to(without, with, 1e-6)) << function.name;
  }
}

TEST(FunctionsTest, FrozenParametersGetNoGradientAndTheInputTheSame) {
  for (const FunctionCase& function :
       {linear_case(Leaves(at::kFloat)), layer_norm_case(Leaves(at::kFloat))}) {
    const at::Tensor expected = run_back(function, function.call, kNoDropout)[1];
    for (std::size_t i = 1; i < function.leaves.size(); ++i)
      function.leaves[i].requires_grad_(false);
    const auto results = run_back(function, function.call, kNoDropout);
    EXPECT_TRUE(at::equal(results[1], expected)) << function.name;
    for (std::size_t i = 1; i < function.leaves.size(); ++i)
      EXPECT_EQ(results[i + 1].abs().max().item<float>(), 0.0F) << function.name << ", leaf " << i;
  }
}

TEST(FunctionsTest, ManyRowsWithoutGradientsEqualTheReference) {
  const at::NoGradGuard no_grad;
  Draw draw;
  const at::Tensor x = draw({3, 400, 10}), weight = draw({18, 10}), bias = draw({18});
  EXPECT_TRUE(close_to(linear(x, weight, bias), reference::linear(x, weight, bias), 1e-6));
}

TEST(AttentionWeightsTest, AreWhatAttendWeighsValuesBy) {
  Leaves leaves(at::kFloat);
  const Packing queries = packing_of({3, 1, 5}), keys = packing_of({2, 6, 1});
  const AttentionInput input{leaves.low({9, 8}), leaves.low({9, 16}), queries, keys, 2, false};
  const at::Tensor weights = attention_weights(input);
  ASSERT_EQ(weights.sizes(), (std::vector<std::int64_t>{3, 2, 5, 6}));
  const at::Tensor values = keys.pad(input.keys_values.narrow(1, 8, 8));  // [3, 6, 8]
  const at::Tensor of_heads = values.unflatten(2, {2, 4}).transpose(1, 2);
  const at::Tensor mixed = at::matmul(weights, of_heads).transpose(1, 2).flatten(2);
  EXPECT_TRUE(close_to(attend(input, kNoDropout), queries.unpad(mixed), 1e-5));
  EXPECT_TRUE(close_to(queries.unpad(weights.sum(-1).transpose(1, 2)), at::ones({9, 2}), 1e-6));
  EXPECT_EQ(weights[0].narrow(1, 3, 2).abs().max().item<float>(), 0.0F);  // beyond the queries
  EXPECT_EQ(weights[0].narrow(2, 2, 4).abs().max().item<float>(), 0.0F);  // beyond the keys
}

}  // namespace
}  // namespace heed
