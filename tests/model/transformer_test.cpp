#include "model/transformer.h"

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "tests/support/finite_differences.h"
#include "tests/support/tensor_matchers.h"
#include "tests/support/tiny_model.h"

namespace heed {
namespace {

Pairs random_pairs(const TransformerConfig& config) {
  return {random_sentences({5, 2, 7}, config.src_vocab_size, 3),
          random_sentences({4, 6, 1}, config.tgt_vocab_size, 4)};
}

/// The sentence of row `row`, without its padding.
at::Tensor only(const at::Tensor& batch, const at::Tensor& is_token, std::int64_t row) {
  const std::int64_t len = is_token[row].sum().item<std::int64_t>();
  return batch.narrow(0, row, 1).narrow(1, 0, len);
}

TEST(TransformerTest, StepsEqualTeacherForcing) {
  const at::NoGradGuard no_grad;
  for (const TransformerConfig& config : every_variant()) {
    SCOPED_TRACE(describe(config));
    const TinyModel tiny(config);
    const Pairs pairs = random_pairs(config);
    const Memory memory = tiny.transformer().encode(pairs.src.ids, pairs.src.is_token, {});
    const at::Tensor whole = tiny.transformer().decode(pairs.tgt_in.ids, memory, {});
    DecoderState state = tiny.transformer().start(memory);
    for (std::int64_t position = 0; position < whole.size(1); ++position) {
      EXPECT_EQ(state.position, position);
      const at::Tensor hidden =
          tiny.transformer().step(pairs.tgt_in.ids.select(1, position), state);
      EXPECT_TRUE(close_to(hidden, whole.select(1, position), 1e-5)) << "at " << position;
    }
  }
}

/// Rows that were reordered, and sentences that left, against decoding each row's tokens anew.
class ReorderedDecoding {
 public:
  ReorderedDecoding(const Transformer& transformer, const Memory& memory)
      : transformer_(transformer), memory_(memory), state_(transformer.start(memory)) {
    for (std::int64_t sentence = 0; sentence < memory.states.size(0); ++sentence)
      rows_.push_back({sentence, {}});
  }

  void reorder(const std::vector<std::int64_t>& origins, const std::vector<std::int64_t>& stay) {
    state_.reorder(at::tensor(origins, at::kLong), at::tensor(stay, at::kLong));
    std::vector<Row> rows;
    for (const std::int64_t origin : origins)
      rows.push_back(rows_[static_cast<std::size_t>(origin)]);
    rows_ = rows;
  }

  void expect_step_equals_decode(const std::vector<std::int64_t>& tokens) {
    const at::Tensor hidden = transformer_.step(at::tensor(tokens, at::kLong), state_);
    std::vector<std::int64_t> sentences;
    std::vector<at::Tensor> prefixes;
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      rows_[row].tokens.push_back(tokens[row]);
      sentences.push_back(rows_[row].sentence);
      prefixes.push_back(at::tensor(rows_[row].tokens, at::kLong));
    }
    const at::Tensor index = at::tensor(sentences, at::kLong);
    const Memory of_rows{memory_.states.index_select(0, index),
                         memory_.src_bias.index_select(0, index)};
    const at::Tensor whole = transformer_.decode(at::stack(prefixes), of_rows, {});
    EXPECT_TRUE(close_to(hidden, whole.select(1, whole.size(1) - 1), 1e-5));
  }

 private:
  struct Row {
    std::int64_t sentence;
    std::vector<std::int64_t> tokens;
  };

  const Transformer& transformer_;
  const Memory& memory_;
  DecoderState state_;
  std::vector<Row> rows_;
};

TEST(TransformerTest, StepsEqualTeacherForcingAfterReorderingAndLeaving) {
  const at::NoGradGuard no_grad;
  for (const TransformerConfig& config : every_variant()) {
    SCOPED_TRACE(describe(config));
    const TinyModel tiny(config);
    const IdMatrix src = random_pairs(config).src;
    const Memory memory = tiny.transformer().encode(src.ids, src.is_token, {});
    ReorderedDecoding decoding(tiny.transformer(), memory);
    decoding.expect_step_equals_decode({2, 2, 2});
    decoding.reorder({0, 0, 1, 1, 2, 2}, {0, 1, 2});  // two rows each from here
    decoding.expect_step_equals_decode({4, 5, 6, 7, 8, 9});
    decoding.reorder({1, 0, 3, 3, 4, 5}, {0, 1, 2});
    decoding.expect_step_equals_decode({9, 8, 7, 6, 5, 4});
    decoding.reorder({1, 1, 5, 4}, {0, 2});  // the middle sentence leaves
    decoding.expect_step_equals_decode({4, 9, 6, 6});
    decoding.reorder({3, 2}, {1});  // the first one leaves
    decoding.expect_step_equals_decode({11, 10});
  }
}

TEST(TransformerTest, PaddingAndBatchingChangeNothing) {
  const at::NoGradGuard no_grad;
  for (const TransformerConfig& config : every_variant()) {
    SCOPED_TRACE(describe(config));
    const TinyModel tiny(config);
    const Pairs pairs = random_pairs(config);
    const at::Tensor hidden = forward_hidden(tiny.transformer(), pairs);
    const at::Tensor logits = tiny.transformer().project(hidden);
    for (std::int64_t row = 0; row < hidden.size(0); ++row) {
      const at::Tensor src = only(pairs.src.ids, pairs.src.is_token, row);
      const at::Tensor tgt_in = only(pairs.tgt_in.ids, pairs.tgt_in.is_token, row);
      const Memory memory = tiny.transformer().encode(src, at::ones(src.sizes(), at::kBool), {});
      const at::Tensor alone = tiny.transformer().decode(tgt_in, memory, {});
      EXPECT_TRUE(close_to(only(hidden, pairs.tgt_in.is_token, row), alone, 1e-5));
      EXPECT_TRUE(close_to(only(logits, pairs.tgt_in.is_token, row),
                           tiny.transformer().project(alone), 1e-5));
    }
  }
}

TEST(TransformerTest, WhatStandsOnPaddingChangesNothing) {
  const at::NoGradGuard no_grad;
  const TinyModel tiny(tiny_config());
  Pairs pairs = random_pairs(tiny_config());
  const at::Tensor before = forward_hidden(tiny.transformer(), pairs);
  pairs.src.ids.masked_fill_(pairs.src.is_token.logical_not(), 7);
  EXPECT_TRUE(at::equal(forward_hidden(tiny.transformer(), pairs), before));
}

TEST(TransformerTest, LaterTargetTokensDontReachEarlierPositions) {
  const at::NoGradGuard no_grad;
  const TinyModel tiny(tiny_config());
  Pairs pairs = random_pairs(tiny_config());
  const at::Tensor before = forward_hidden(tiny.transformer(), pairs);
  pairs.tgt_in.ids.select(1, 3).fill_(11);
  const at::Tensor after = forward_hidden(tiny.transformer(), pairs);
  EXPECT_TRUE(close_to(after.narrow(1, 0, 3), before.narrow(1, 0, 3), 1e-6));
  EXPECT_FALSE(close_to(after.narrow(1, 3, 1), before.narrow(1, 3, 1), 1e-2));
}

TEST(TransformerTest, AFullyPaddedRowStaysFinite) {
  for (const TransformerConfig& config : every_variant()) {
    SCOPED_TRACE(describe(config));
    TinyModel tiny(config);
    Pairs pairs = random_pairs(config);
    pairs.src.is_token[1].fill_(false);
    pairs.tgt_out.ids[1].fill_(kTestPad);
    forward_loss(*tiny.replica, pairs).backward();
    EXPECT_TRUE(is_finite(tiny.grads));
    const at::NoGradGuard no_grad;  // the fused path
    EXPECT_TRUE(is_finite(forward_hidden(tiny.transformer(), pairs)));
  }
}

TEST(TransformerTest, PaddedTargetsTeachNothing) {
  TinyModel tiny(tiny_config());
  const Pairs pairs = random_pairs(tiny_config());
  forward_loss(*tiny.replica, pairs).backward();
  const at::Tensor whole = tiny.grads.clone();
  tiny.grads.zero_();
  for (std::int64_t row = 0; row < 3; ++row) {
    Pairs alone = pairs;
    alone.src = {only(pairs.src.ids, pairs.src.is_token, row),
                 only(pairs.src.is_token, pairs.src.is_token, row)};
    alone.tgt_in.ids = only(pairs.tgt_in.ids, pairs.tgt_in.is_token, row);
    alone.tgt_out.ids = only(pairs.tgt_out.ids, pairs.tgt_out.is_token, row);
    forward_loss(*tiny.replica, alone).backward();
  }
  EXPECT_TRUE(close_to(tiny.grads, whole, 1e-5));
}

void expect_gradients_equal_finite_differences(const TransformerConfig& config) {
  SCOPED_TRACE(describe(config));
  TinyModel tiny(config);
  const Pairs pairs = random_pairs(config);
  // The same masks at every evaluation: the loss is then a smooth function of the parameters.
  const auto loss = [&] {
    DropoutStream dropout(/*seed=*/5, /*update=*/1, /*shard=*/0);
    return forward_loss(*tiny.replica, pairs, 0.1, {&dropout, nullptr});
  };
  loss().backward();
  for (const ParameterSpec& spec : tiny.model.layout().specs()) {
    const at::Tensor grad = ParameterLayout::view(tiny.grads, spec);
    const double length = grad.norm().item<double>();
    if (length < 1e-2) continue;  // drowned in rounding
    const double difference = directional_difference(
        [&] {
          const at::NoGradGuard no_grad;
          DropoutStream dropout(5, 1, 0);
          AttentionWeights unfused;  // the fused path has no dropout
          ForwardContext context{&dropout, &unfused};
          return forward_loss(*tiny.replica, pairs, 0.1, context).item<double>();
        },
        ParameterLayout::view(tiny.model.values(), spec), grad / length, 4e-3);
    EXPECT_NEAR(difference, length, 0.01 * length + 5e-3) << spec.name;
  }
}

TEST(TransformerTest, GradientsEqualFiniteDifferences) {
  for (const NormPosition norm : {NormPosition::kPre, NormPosition::kPost}) {
    TransformerConfig config = tiny_config();
    config.norm = norm;
    config.positions = PositionEncoding::kLearned;
    config.activation = norm == NormPosition::kPre ? Activation::kGelu : Activation::kSwish;
    config.tying = norm == NormPosition::kPre ? Tying::kAll : Tying::kNone;
    expect_gradients_equal_finite_differences(config);
    config.embedding_dropout = config.residual_dropout = 0.2;
    config.attention_dropout = config.ffn_dropout = 0.2;
    expect_gradients_equal_finite_differences(config);
  }
}

TEST(TransformerTest, CountsATiedMatrixOnce) {
  TransformerConfig config = tiny_config();
  config.tying = Tying::kNone;
  const std::int64_t apart = count_parameters(config);
  config.tying = Tying::kDecoder;
  EXPECT_EQ(count_parameters(config), apart - 12 * 16);
  config.tying = Tying::kAll;
  EXPECT_EQ(count_parameters(config), apart - 2 * 12 * 16);
  // By hand: a matrix and its bias, for each of the projections, plus the norms.
  const std::int64_t attention = 4 * (16 * 16 + 16);
  const std::int64_t feed_forward = 16 * 24 + 24 + 24 * 16 + 16;
  const std::int64_t norm = 2 * 16;
  EXPECT_EQ(apart, 3 * 12 * 16 + 2 * (attention + feed_forward + 2 * norm) +
                       2 * (2 * attention + feed_forward + 3 * norm) + 2 * norm);
}

TEST(TransformerTest, KeepsWeightsOnlyWhenAsked) {
  const TinyModel tiny(tiny_config());
  const Pairs pairs = random_pairs(tiny_config());
  AttentionWeights weights;
  const at::Tensor asked = forward_hidden(tiny.transformer(), pairs, {nullptr, &weights});
  ASSERT_EQ(weights.encoder_self.size(), 2U);
  ASSERT_EQ(weights.decoder_self.size(), 2U);
  ASSERT_EQ(weights.cross.size(), 2U);
  for (std::size_t layer = 0; layer < 2; ++layer) {
    EXPECT_EQ(weights.encoder_self[layer].sizes(), (std::vector<std::int64_t>{3, 2, 8, 8}));
    EXPECT_EQ(weights.decoder_self[layer].sizes(), (std::vector<std::int64_t>{3, 2, 7, 7}));
    EXPECT_EQ(weights.cross[layer].sizes(), (std::vector<std::int64_t>{3, 2, 7, 8}));
    EXPECT_EQ(weights.decoder_self[layer].triu(1).abs().max().item<float>(), 0.0F);
    for (const auto& kind : {weights.encoder_self, weights.decoder_self, weights.cross})
      EXPECT_TRUE(close_to(kind[layer].sum(-1), at::ones_like(kind[layer].sum(-1)), 1e-6));
    for (const auto& kind : {weights.encoder_self, weights.cross}) {
      const at::Tensor on_padding =
          kind[layer].masked_select(pairs.src.is_token.logical_not().unsqueeze(1).unsqueeze(1));
      EXPECT_GT(on_padding.numel(), 0);
      EXPECT_EQ(on_padding.abs().max().item<float>(), 0.0F);
    }
  }
  const at::NoGradGuard no_grad;
  EXPECT_TRUE(close_to(forward_hidden(tiny.transformer(), pairs), asked, 1e-5));  // fused
}

TEST(TransformerTest, DropoutActsOnlyInTraining) {
  TransformerConfig config = tiny_config();
  config.embedding_dropout = config.residual_dropout = 0.3;
  config.attention_dropout = config.ffn_dropout = 0.3;
  const TinyModel tiny(config);
  const TinyModel without(tiny_config());
  const Pairs pairs = random_pairs(config);
  const at::Tensor plain = forward_hidden(without.transformer(), pairs);
  EXPECT_TRUE(at::equal(forward_hidden(tiny.transformer(), pairs), plain));
  const auto train = [&](std::uint64_t update) {
    DropoutStream dropout(1, update, 0);
    return forward_hidden(tiny.transformer(), pairs, {&dropout, nullptr});
  };
  EXPECT_TRUE(at::equal(train(1), train(1)));
  EXPECT_FALSE(close_to(train(1), train(2), 1e-2));
  EXPECT_FALSE(close_to(train(1), plain, 1e-2));
}

}  // namespace
}  // namespace heed
