#include "model/attention.h"

#include <gtest/gtest.h>

#include "model/masks.h"
#include "model/position_tables.h"
#include "model/reference_functions.h"
#include "tests/support/aten_ops.h"
#include "tests/support/tensor_matchers.h"
#include "tests/support/tiny_model.h"

namespace heed {
namespace {

constexpr std::int64_t kHeads = 2;
constexpr std::int64_t kModel = 8;

/// Lengths of the sentences on both sides.
struct Lengths {
  std::vector<std::int32_t> queries, keys;
};

/// An empty sentence on either side, and lengths around those of vectors and blocks.
const std::vector<Lengths>& every_lengths() {
  static const std::vector<Lengths> lengths{{{3, 3, 3}, {5, 3, 1}},
                                            {{1}, {1}},
                                            {{2, 0, 4, 1}, {3, 5, 0, 16}},
                                            {{70, 3}, {17, 90}},
                                            {{64, 65}, {33, 32}}};
  return lengths;
}

/// Random queries, keys and values.
AttentionInput cross_input(const Lengths& lengths) {
  at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(1);
  const Packing q_packing(lengths.queries);
  const Packing k_packing(lengths.keys);
  return {at::randn({q_packing.rows(), kModel}, generator),
          at::randn({k_packing.rows(), 2 * kModel}, generator),
          q_packing,
          k_packing,
          kHeads,
          false};
}

AttentionInput self_input(const std::vector<std::int32_t>& lengths, bool is_causal,
                          const at::Tensor& rotations = {}) {
  at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(2);
  const Packing packing(lengths);
  return {at::randn({packing.rows(), 3 * kModel}, generator),
          {},
          packing,
          packing,
          kHeads,
          is_causal,
          rotations};
}

std::vector<AttentionInput> every_input() {
  std::vector<AttentionInput> inputs;
  for (const Lengths& lengths : every_lengths()) {
    inputs.push_back(cross_input(lengths));
    for (const at::Tensor& rotations : {at::Tensor(), rotary_positions(0, 75, kModel / kHeads)}) {
      inputs.push_back(self_input(lengths.queries, false, rotations));
      inputs.push_back(self_input(lengths.queries, true, rotations));
    }
  }
  return inputs;
}

std::string describe(const AttentionInput& input) {
  return std::string(input.is_self() ? "self" : "cross") + (input.is_causal ? ", causal" : "") +
         (input.rotations.defined() ? ", rotary" : "") + ", up to " +
         std::to_string(input.q_packing.longest()) + " queries";
}

/// A head's [len, 4] as two complex numbers a row, multiplied by exp(i * place * frequency).
at::Tensor turned(const at::Tensor& x) {
  const at::Tensor places = at::arange(x.size(0)).to(x.scalar_type()).unsqueeze(1);
  std::vector<at::Tensor> real, imaginary;
  for (const std::int64_t pair : {0, 1}) {
    const at::Tensor angle = places * (pair == 0 ? 1.0 : 0.01);  // 10000^(-2 pair / 4)
    const at::Tensor a = x.narrow(1, pair, 1), b = x.narrow(1, 2 + pair, 1);
    real.push_back(a * angle.cos() - b * angle.sin());
    imaginary.push_back(a * angle.sin() + b * angle.cos());
  }
  return at::cat({real[0], real[1], imaginary[0], imaginary[1]}, 1);
}

/// The formula, a sentence and a head at a time; differentiable.
at::Tensor written_out(const AttentionInput& input) {
  const at::Tensor& kv = input.is_self() ? input.queries : input.keys_values;
  const std::int64_t first_key = input.is_self() ? kModel : 0;
  std::vector<at::Tensor> sentences;
  for (std::int64_t s = 0; s < input.q_packing.batch(); ++s) {
    const at::Tensor q = only(input.queries, input.q_packing, s);
    const at::Tensor k = only(kv, input.k_packing, s);
    std::vector<at::Tensor> heads;
    for (std::int64_t column = 0; column < kModel; column += 4) {
      at::Tensor query = q.narrow(1, column, 4), key = k.narrow(1, first_key + column, 4);
      if (input.rotations.defined()) query = turned(query), key = turned(key);
      at::Tensor scores = at::matmul(query, key.t()) / 2.0;
      if (input.is_causal)
        scores = scores.masked_fill(at::ones(scores.sizes(), at::kBool).triu(1), -1e300);
      heads.push_back(
          at::matmul(at::softmax(scores, 1), k.narrow(1, first_key + kModel + column, 4)));
    }
    sentences.push_back(at::cat(heads, 1));
  }
  return at::cat(sentences);
}

struct ResultAndGradients {
  at::Tensor result;
  at::Tensor queries_grad;
  at::Tensor keys_values_grad;  // empty with self-attention

  /// In one: gradients of scores may be zero but for rounding, which has values' as its measure.
  at::Tensor gradients() const {
    return at::cat({queries_grad.flatten(), keys_values_grad.flatten()});
  }
};

template <typename Function>
ResultAndGradients run(AttentionInput input, at::ScalarType type, const Function& function) {
  const auto leaf = [type](const at::Tensor& x) { return x.to(type).clone().requires_grad_(); };
  input.queries = leaf(input.queries);
  if (!input.is_self()) input.keys_values = leaf(input.keys_values);
  const at::Tensor result = function(input);
  at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(3);
  result.backward(at::randn(result.sizes(), generator).to(type));
  return {result.detach(), input.queries.grad(),
          input.is_self() ? at::zeros({0}, type) : input.keys_values.grad()};
}

void expect_same(const ResultAndGradients& actual, const ResultAndGradients& expected,
                 double tolerance) {
  EXPECT_TRUE(close_to(actual.result, expected.result, tolerance));
  EXPECT_TRUE(close_to(actual.gradients(), expected.gradients(), tolerance));
}

TEST(AttentionTest, EqualsTheFormulaWrittenOut) {
  for (const AttentionInput& input : every_input()) {
    SCOPED_TRACE(describe(input));
    const ResultAndGradients exact = run(input, at::kDouble, written_out);
    expect_same(run(input, at::kFloat, [](const auto& in) { return attend(in, {}); }), exact, 2e-6);
    EXPECT_TRUE(close_to(attend(input, {}), exact.result, 1e-6));  // without gradients
  }
}

TEST(AttentionTest, TheReferenceDoesTheSame) {
  for (const AttentionInput& input : every_input()) {
    SCOPED_TRACE(describe(input));
    const auto reference = [](const auto& in) { return reference::attend(in, {}); };
    expect_same(run(input, at::kFloat, reference), run(input, at::kDouble, written_out), 2e-6);
  }
}

TEST(AttentionTest, AQueryWithoutKeysGetsNothing) {
  const AttentionInput input = cross_input({{2, 3}, {4, 0}});
  const ResultAndGradients result =
      run(input, at::kFloat, [](const auto& in) { return attend(in, {}); });
  EXPECT_TRUE((result.result.narrow(0, 2, 3) == 0.0).all().item<bool>());
  EXPECT_TRUE((result.queries_grad.narrow(0, 2, 3) == 0.0).all().item<bool>());
  EXPECT_TRUE(is_finite(result.keys_values_grad));
}

TEST(AttentionTest, WeightsAreDistributionsOverTheSentencesKeys) {
  const AttentionInput input = cross_input({{4, 2, 3}, {6, 4, 1}});
  const at::Tensor weights = attention_weights(input);
  ASSERT_EQ(weights.sizes(), (std::vector<std::int64_t>{3, 2, 4, 6}));
  const at::Tensor is_query = input.q_packing.is_token(at::kCPU).view({3, 1, 4, 1});
  const at::Tensor is_key = input.k_packing.is_token(at::kCPU).view({3, 1, 1, 6});
  EXPECT_TRUE(
      close_to(weights.sum(-1), is_query.squeeze(-1).expand({3, 2, 4}).to(at::kFloat), 1e-6));
  EXPECT_TRUE(at::equal(weights > 0.0, (is_query & is_key).expand_as(weights)));
  EXPECT_GE(weights.min().item<float>(), 0.0F);
}

TEST(AttentionTest, WeightsMixTheValuesIntoTheResult) {
  for (const AttentionInput& input : every_input()) {
    SCOPED_TRACE(describe(input));
    const at::Tensor& kv = input.is_self() ? input.queries : input.keys_values;
    const at::Tensor values = input.k_packing.pad(kv.narrow(1, kv.size(1) - kModel, kModel))
                                  .unflatten(2, {kHeads, -1})
                                  .transpose(1, 2);
    const at::Tensor mixed = at::matmul(attention_weights(input), values);
    EXPECT_TRUE(
        close_to(input.q_packing.unpad(mixed.transpose(1, 2).flatten(2)), attend(input, {}), 1e-5));
  }
}

TEST(AttentionTest, CausalWeightsAreZeroAboveTheDiagonal) {
  const at::Tensor weights = attention_weights(self_input({5, 5, 5}, true));
  EXPECT_EQ(weights.triu(1).abs().max().item<float>(), 0.0F);
  EXPECT_TRUE((weights.select(2, 0).select(2, 0) == 1.0).all().item<bool>());  // sees only itself
}

TEST(AttentionTest, RotaryWeightsDependOnDistancesNotOnPlaces) {
  const at::Tensor table = rotary_positions(0, 40, kModel / kHeads);
  const auto weights_from = [&](std::int64_t first) {
    return attention_weights(self_input({9, 4}, true, table.narrow(0, first, 9)));
  };
  EXPECT_TRUE(close_to(weights_from(31), weights_from(0), 1e-5));
  EXPECT_FALSE(close_to(attention_weights(self_input({9, 4}, true)), weights_from(0), 1e-2));
  EXPECT_TRUE(at::equal(rotary_positions(31, 9, kModel / kHeads), table.narrow(0, 31, 9)));
}

TEST(AttentionTest, WeightsAreAheadOfDropoutAndCarryNoGradient) {
  TransformerConfig config = tiny_config();
  config.attention_dropout = 0.5;
  SelfAttention attention(config);
  at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(1);
  attention.visit_parameters(
      "", [&](const std::string&, at::Tensor& parameter, at::IntArrayRef shape, Initializer) {
        parameter = at::randn(shape, generator).requires_grad_();
      });
  const Packing packing = pack({{4, 5, 6, 7}, {8, 9}}, -1, -1).packing;
  const at::Tensor x = at::randn({6, 16}, generator);
  at::Tensor plain, dropped;
  DropoutStream dropout(1, 1, 0);
  const at::Tensor without = attention.forward(x, packing, false, {}, &plain);
  const at::Tensor with = attention.forward(x, packing, false, {&dropout, nullptr}, &dropped);
  EXPECT_TRUE(at::equal(plain, dropped));
  EXPECT_FALSE(plain.requires_grad());
  EXPECT_TRUE(without.requires_grad());
  EXPECT_FALSE(close_to(with, without, 1e-2));
}

TEST(MasksTest, HidePaddingAndTheFuture) {
  const at::Tensor padding = padding_bias(at::tensor({1, 1, 0, 1, 0, 0}).view({2, 3}) > 0);
  EXPECT_EQ(padding.sizes(), (std::vector<std::int64_t>{2, 1, 1, 3}));
  EXPECT_TRUE(at::equal(padding.flatten(),
                        at::tensor({0.0F, 0.0F, kMaskedScore, 0.0F, kMaskedScore, kMaskedScore})));
  const at::Tensor causal = causal_bias(2, padding);
  EXPECT_EQ(causal.sizes(), (std::vector<std::int64_t>{1, 1, 2, 2}));
  EXPECT_TRUE(at::equal(causal.flatten(), at::tensor({0.0F, kMaskedScore, 0.0F, 0.0F})));
}

}  // namespace
}  // namespace heed
