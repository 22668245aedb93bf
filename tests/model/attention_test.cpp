#include "model/attention.h"

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "model/masks.h"
#include "tests/support/aten_ops.h"
#include "tests/support/tensor_matchers.h"

namespace heed {
namespace {

/// Random queries, keys and values of 3 sentences, 2 heads, head_dim 4, and a bias that hides keys.
struct Inputs {
  Inputs(std::int64_t q_len, std::int64_t k_len, std::uint64_t seed = 1) {
    at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    q = at::randn({3, 2, q_len, 4}, generator);
    k = at::randn({3, 2, k_len, 4}, generator);
    v = at::randn({3, 2, k_len, 4}, generator);
    is_token = at::arange(k_len).unsqueeze(0) <
               at::tensor({k_len, k_len - 2, std::int64_t{1}}).unsqueeze(1);
  }

  at::Tensor q, k, v, is_token;
};

TEST(AttentionTest, EqualsTheFormulaWrittenOut) {
  const Inputs in(3, 5);
  const at::Tensor result = attend(in.q, in.k, in.v, padding_bias(in.is_token), 0.0, {}, nullptr);
  ASSERT_EQ(result.sizes(), (std::vector<std::int64_t>{3, 3, 8}));
  for (std::int64_t sentence = 0; sentence < 3; ++sentence) {
    const std::int64_t keys = in.is_token[sentence].sum().item<std::int64_t>();
    for (std::int64_t head = 0; head < 2; ++head) {
      const at::Tensor k = in.k[sentence][head].narrow(0, 0, keys).to(at::kDouble);
      const at::Tensor v = in.v[sentence][head].narrow(0, 0, keys).to(at::kDouble);
      const at::Tensor scores = in.q[sentence][head].to(at::kDouble).mm(k.t()) / 2.0;  // sqrt(4)
      const at::Tensor expected = at::softmax(scores, 1).mm(v).to(at::kFloat);
      EXPECT_TRUE(close_to(result[sentence].narrow(1, head * 4, 4), expected, 1e-6));
    }
  }
}

TEST(AttentionTest, FusedEqualsUnfused) {
  for (const std::int64_t q_len : {1, 3, 70}) {
    const Inputs in(q_len, q_len + 2);
    const Inputs same(q_len, q_len);
    at::Tensor weights;
    const at::NoGradGuard no_grad;
    for (const at::Tensor& bias : {at::Tensor(), padding_bias(in.is_token)}) {
      const at::Tensor unfused = attend(in.q, in.k, in.v, bias, 0.0, {}, &weights);
      EXPECT_TRUE(close_to(attend(in.q, in.k, in.v, bias, 0.0, {}, nullptr), unfused, 1e-5));
    }
    const at::Tensor causal = causal_bias(q_len, in.q);
    const at::Tensor unfused = attend(same.q, in.k.narrow(2, 0, q_len), in.v.narrow(2, 0, q_len),
                                      causal, 0.0, {}, &weights);
    EXPECT_TRUE(close_to(attend(same.q, in.k.narrow(2, 0, q_len), in.v.narrow(2, 0, q_len), causal,
                                0.0, {}, nullptr),
                         unfused, 1e-5));
  }
}

TEST(AttentionTest, WeightsAreDistributionsOverWhatIsNotMasked) {
  const Inputs in(4, 6);
  at::Tensor weights;
  attend(in.q, in.k, in.v, padding_bias(in.is_token), 0.0, {}, &weights);
  ASSERT_EQ(weights.sizes(), (std::vector<std::int64_t>{3, 2, 4, 6}));
  EXPECT_TRUE(close_to(weights.sum(-1), at::ones({3, 2, 4}), 1e-6));
  EXPECT_GE(weights.min().item<float>(), 0.0F);
  const at::Tensor masked = in.is_token.logical_not().view({3, 1, 1, 6}).expand_as(weights);
  EXPECT_TRUE((weights.masked_select(masked) == 0.0).all().item<bool>());
  EXPECT_TRUE((weights.masked_select(masked.logical_not()) > 0.0).all().item<bool>());
}

TEST(AttentionTest, CausalWeightsAreZeroAboveTheDiagonal) {
  const Inputs in(5, 5);
  at::Tensor weights;
  attend(in.q, in.k, in.v, causal_bias(5, in.q), 0.0, {}, &weights);
  EXPECT_EQ(weights.triu(1).abs().max().item<float>(), 0.0F);
  EXPECT_TRUE((weights.select(2, 0).select(2, 0) == 1.0).all().item<bool>());  // sees only itself
}

TEST(AttentionTest, WeightsAreAheadOfDropoutAndCarryNoGradient) {
  const Inputs in(4, 6);
  at::Tensor plain, dropped;
  DropoutStream dropout(1, 1, 0);
  const at::Tensor q = in.q.clone().requires_grad_();
  const at::Tensor without = attend(q, in.k, in.v, {}, 0.5, {}, &plain);
  const at::Tensor with = attend(q, in.k, in.v, {}, 0.5, {&dropout, nullptr}, &dropped);
  EXPECT_TRUE(at::equal(plain, dropped));
  EXPECT_FALSE(plain.requires_grad());
  EXPECT_FALSE(close_to(with, without, 1e-2));
}

TEST(AttentionTest, ARowWithEveryKeyMaskedIsTheMeanOfTheValues) {
  const Inputs in(2, 6);
  const at::Tensor bias = padding_bias(at::zeros({3, 6}, at::kBool));
  const at::Tensor mean =
      in.v.mean(2, true).expand({3, 2, 2, 4}).transpose(1, 2).reshape({3, 2, 8});
  at::Tensor weights;
  EXPECT_TRUE(close_to(attend(in.q, in.k, in.v, bias, 0.0, {}, &weights), mean, 1e-6));
  const at::NoGradGuard no_grad;
  EXPECT_TRUE(close_to(attend(in.q, in.k, in.v, bias, 0.0, {}, nullptr), mean, 1e-6));
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
