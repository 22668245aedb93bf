#include "model/alignment_head.h"

#include <ATen/core/grad_mode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/error_message.h"
#include "tests/support/finite_differences.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tensor_matchers.h"
#include "tests/support/tiny_model.h"

namespace heed {
namespace {

using ::testing::HasSubstr;

TransformerConfig head_config(NormPosition norm) {
  TransformerConfig config = tiny_config();
  config.alignment_head = true;
  config.norm = norm;
  config.activation = Activation::kGelu;  // relu has kinks, where differences are none's
  return config;
}

const std::vector<NormPosition> kNorms{NormPosition::kPre, NormPosition::kPost};

Pairs uneven_pairs() {
  return {random_sentences({5, 2, 7}, 12, 3), random_sentences({4, 6, 1}, 12, 4)};
}

AlignmentScores scores_of(const Transformer& transformer, const Pairs& pairs,
                          const ForwardContext& context = {}) {
  const Memory memory = transformer.encode(pairs.src, context);
  const at::Tensor hidden = transformer.decode(pairs.tgt_in, memory, context);
  return transformer.alignment_head()->forward(hidden, pairs.tgt_in.packing, memory, context);
}

/// Of sentence `s`, without padding: [tgt_in, src].
at::Tensor only(const at::Tensor& padded, const Pairs& pairs, std::int64_t s) {
  return padded[s]
      .narrow(0, 0, pairs.tgt_in.packing.length(s))
      .narrow(1, 0, pairs.src.packing.length(s));
}

TEST(AlignmentHeadTest, IsThereWhenAskedFor) {
  EXPECT_EQ(TinyModel(tiny_config()).transformer().alignment_head(), nullptr);
  EXPECT_NE(TinyModel(head_config(NormPosition::kPre)).transformer().alignment_head(), nullptr);
  const std::int64_t attention = 4 * (16 * 16 + 16);
  const std::int64_t feed_forward = 16 * 24 + 24 + 24 * 16 + 16;
  const std::int64_t norm = 2 * 16;
  EXPECT_EQ(count_parameters(head_config(NormPosition::kPre)) - count_parameters(tiny_config()),
            attention + feed_forward + 3 * norm + 2 * (16 * 16 + 16));
}

TEST(AlignmentHeadTest, EachDirectionIsADistributionOverTheOthersTokens) {
  const at::NoGradGuard no_grad;
  for (const NormPosition norm : kNorms) {
    const TinyModel tiny(head_config(norm));
    const Pairs pairs = uneven_pairs();
    const AlignmentScores scores = scores_of(tiny.transformer(), pairs);
    ASSERT_EQ(scores.src_of_tgt.sizes(), (std::vector<std::int64_t>{3, 7, 8}));
    ASSERT_EQ(scores.tgt_of_src.sizes(), (std::vector<std::int64_t>{3, 7, 8}));
    for (std::int64_t s = 0; s < pairs.batch(); ++s) {
      const at::Tensor of_tgt = only(scores.src_of_tgt, pairs, s).exp().sum(1);
      EXPECT_TRUE(close_to(of_tgt, at::ones_like(of_tgt), 1e-5)) << s;
      const at::Tensor of_src = only(scores.tgt_of_src, pairs, s).exp().sum(0);
      EXPECT_TRUE(close_to(of_src, at::ones_like(of_src), 1e-5)) << s;
    }
    EXPECT_TRUE(is_finite(scores.src_of_tgt) && is_finite(scores.tgt_of_src));
  }
}

TEST(AlignmentHeadTest, PaddingAndBatchingChangeNothing) {
  const at::NoGradGuard no_grad;
  for (const NormPosition norm : kNorms) {
    const TinyModel tiny(head_config(norm));
    const Pairs pairs = uneven_pairs();
    const AlignmentScores scores = scores_of(tiny.transformer(), pairs);
    for (std::int64_t s = 0; s < pairs.batch(); ++s) {
      const AlignmentScores alone = scores_of(tiny.transformer(), heed::only(pairs, s));
      EXPECT_TRUE(close_to(only(scores.src_of_tgt, pairs, s), alone.src_of_tgt[0], 1e-5)) << s;
      EXPECT_TRUE(close_to(only(scores.tgt_of_src, pairs, s), alone.tgt_of_src[0], 1e-5)) << s;
    }
  }
}

// The decoder cannot see what follows, the head does.
TEST(AlignmentHeadTest, SeesTheWholeTarget) {
  const at::NoGradGuard no_grad;
  const TinyModel tiny(head_config(NormPosition::kPre));
  const Sentences src{{4, 5, 6}};
  const Pairs one(src, {{7, 8, 9}});
  const Pairs other(src, {{7, 8, 10}});
  const at::Tensor hidden = forward_hidden(tiny.transformer(), one);
  EXPECT_TRUE(close_to(forward_hidden(tiny.transformer(), other).narrow(0, 0, 3),
                       hidden.narrow(0, 0, 3), 1e-6));
  const at::Tensor first = scores_of(tiny.transformer(), one).src_of_tgt[0][1];
  EXPECT_FALSE(close_to(scores_of(tiny.transformer(), other).src_of_tgt[0][1], first, 1e-3));
}

/// Random distributions for pieces, in part "none" and zero where nothing is to be learnt.
AlignmentTargets random_targets(const Pairs& pairs) {
  at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(7);
  const std::vector<std::int64_t> shape{pairs.batch(), pairs.tgt_in.packing.longest(),
                                        pairs.src.packing.longest()};
  AlignmentTargets targets{at::zeros(shape, at::kFloat), at::zeros(shape, at::kFloat)};
  for (std::int64_t s = 0; s < pairs.batch(); ++s) {
    const std::int64_t src = pairs.src.packing.length(s);
    const std::int64_t tgt = pairs.tgt_in.packing.length(s);
    const at::Tensor drawn = at::randn({tgt, src}, generator);
    only(targets.src_of_tgt, pairs, s)
        .narrow(0, 1, tgt - 1)
        .copy_(at::softmax(drawn, 1).narrow(0, 1, tgt - 1));
    only(targets.tgt_of_src, pairs, s)
        .narrow(1, 0, src - 1)
        .copy_(at::softmax(drawn, 0).narrow(1, 0, src - 1));
  }
  return targets;
}

void expect_gradients_equal_finite_differences(const TransformerConfig& config) {
  SCOPED_TRACE(describe(config));
  TinyModel tiny(config);
  const Pairs pairs = uneven_pairs();
  const AlignmentTargets targets = random_targets(pairs);
  // The same masks at every evaluation: the loss is then a smooth function of the parameters.
  const auto loss = [&] {
    DropoutStream dropout(/*seed=*/5, /*update=*/1, /*shard=*/0);
    return alignment_loss(scores_of(*tiny.replica, pairs, {&dropout, nullptr}), targets);
  };
  loss().backward();
  int compared = 0;
  for (const ParameterSpec& spec : tiny.model.layout().specs()) {
    const at::Tensor grad = ParameterLayout::view(tiny.grads, spec);
    const double length = grad.norm().item<double>();
    if (length < 1e-2) continue;  // drowned in rounding
    const double difference = directional_difference(
        [&] { return loss().item<double>(); }, ParameterLayout::view(tiny.model.values(), spec),
        grad / length, 4e-3);
    EXPECT_NEAR(difference, length, 0.01 * length + 5e-3) << spec.name;
    if (spec.name.starts_with("alignment_head.")) ++compared;
  }
  EXPECT_GE(compared, 14);  // two biases of keys move every score of a row alike
}

TEST(AlignmentHeadTest, GradientsEqualFiniteDifferences) {
  for (const NormPosition norm : kNorms) {
    TransformerConfig config = head_config(norm);
    expect_gradients_equal_finite_differences(config);
    config.residual_dropout = config.attention_dropout = config.ffn_dropout = 0.2;
    expect_gradients_equal_finite_differences(config);
  }
}

TEST(AlignmentLossTest, EqualsATableByHand) {
  // One pair: bos and a piece of the target; a piece and eos of the source.
  const auto logs = [](std::vector<float> probabilities) {
    return at::tensor(probabilities).log().reshape({1, 2, 2});
  };
  const AlignmentScores scores{logs({0.5F, 0.5F, 0.8F, 0.2F}), logs({0.4F, 0.9F, 0.6F, 0.1F})};
  const AlignmentTargets targets{at::tensor({0.0F, 0.0F, 0.75F, 0.25F}).reshape({1, 2, 2}),
                                 at::tensor({0.5F, 0.0F, 0.5F, 0.0F}).reshape({1, 2, 2})};
  const double of_tgt = -0.75 * std::log(0.8) - 0.25 * std::log(0.2);
  const double of_src = -0.5 * std::log(0.4) - 0.5 * std::log(0.6);
  const at::Tensor loss = alignment_loss(scores, targets);
  EXPECT_EQ(loss.dim(), 0);
  EXPECT_EQ(loss.scalar_type(), at::kFloat);
  EXPECT_NEAR(loss.item<double>(), of_tgt + of_src, 1e-6);
}

TEST(AlignmentLossTest, WhatHasNoTargetDoesNotCount) {
  const at::Tensor impossible = at::full({1, 2, 2}, -INFINITY);
  const at::Tensor none = at::zeros({1, 2, 2});
  EXPECT_EQ(alignment_loss({impossible, impossible}, {none, none}).item<double>(), 0.0);
}

TEST(AlignmentHeadTest, IsSavedAndLoadedWithItsModel) {
  const at::NoGradGuard no_grad;
  const TemporaryFolder folder;
  const TransformerConfig config = head_config(NormPosition::kPre);
  const TinyModel tiny(config);
  tiny.model.save(folder / "model.safetensors");
  const SafetensorsFile file(folder / "model.safetensors");
  TransformerModel loaded(config);
  loaded.load(file);
  const Pairs pairs = uneven_pairs();
  EXPECT_TRUE(at::equal(scores_of(loaded.transformer(), pairs).src_of_tgt,
                        scores_of(tiny.transformer(), pairs).src_of_tgt));
  TransformerModel without(tiny_config());
  EXPECT_THAT(error_message([&] { without.load(file); }), HasSubstr("alignment_head."));
}

}  // namespace
}  // namespace heed
