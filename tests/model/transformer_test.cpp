#include "model/transformer.h"

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/finite_differences.h"
#include "tests/support/tensor_matchers.h"
#include "tests/support/tiny_model.h"

namespace heed {
namespace {

Pairs random_pairs(const TransformerConfig& config) {
  return {random_sentences({5, 2, 7}, config.src_vocab_size, 3),
          random_sentences({4, 6, 1}, config.tgt_vocab_size, 4)};
}

TEST(TransformerTest, StepsEqualTeacherForcing) {
  const at::NoGradGuard no_grad;
  for (const TransformerConfig& config : every_variant()) {
    SCOPED_TRACE(describe(config));
    const TinyModel tiny(config);
    const Pairs pairs = random_pairs(config);
    const Packing& packing = pairs.tgt_in.packing;
    const Memory memory = tiny.transformer().encode(pairs.src, {});
    const at::Tensor whole = packing.pad(tiny.transformer().decode(pairs.tgt_in, memory, {}));
    const at::Tensor tokens = packing.pad(pairs.tgt_in.ids);
    DecoderState state = tiny.transformer().start(memory);
    for (std::int64_t position = 0; position < packing.longest(); ++position) {
      EXPECT_EQ(state.position, position);
      const at::Tensor hidden = tiny.transformer().step(tokens.select(1, position), state);
      for (std::int64_t s = 0; s < packing.batch(); ++s) {
        if (position >= packing.length(s)) continue;
        EXPECT_TRUE(close_to(hidden[s], whole[s][position], 1e-5))
            << "sentence " << s << " at " << position;
      }
    }
  }
}

/// Rows that were reordered, and sentences that left, against decoding each row's tokens anew.
class ReorderedDecoding {
 public:
  ReorderedDecoding(const Transformer& transformer, const Memory& memory)
      : transformer_(transformer), memory_(memory), state_(transformer.start(memory)) {
    for (std::int64_t sentence = 0; sentence < memory.packing.batch(); ++sentence)
      rows_.push_back({sentence, {}});
  }

  void reorder(const std::vector<std::int64_t>& origins, const std::vector<std::int64_t>& stay) {
    state_.reorder(at::tensor(origins, at::kLong), at::tensor(stay, at::kLong));
    std::vector<Row> rows;
    for (const std::int64_t origin : origins)
      rows.push_back(rows_[static_cast<std::size_t>(origin)]);
    rows_ = rows;
  }

  void expect_step_equals_decode(const std::vector<std::int32_t>& tokens) {
    const at::Tensor ids = at::tensor(tokens, at::kInt).to(at::kLong);
    const at::Tensor hidden = transformer_.step(ids, state_);
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      rows_[row].tokens.push_back(tokens[row]);
      const PackedIds prefix = pack({rows_[row].tokens}, -1, -1);
      const at::Tensor whole = transformer_.decode(prefix, memory_of(rows_[row].sentence), {});
      EXPECT_TRUE(close_to(hidden[static_cast<std::int64_t>(row)], whole[whole.size(0) - 1], 1e-5));
    }
  }

 private:
  struct Row {
    std::int64_t sentence;
    std::vector<std::int32_t> tokens;
  };

  Memory memory_of(std::int64_t sentence) const {
    const PackedIds rows{memory_.states, memory_.packing};
    return {only(rows, sentence).ids, only(rows, sentence).packing};
  }

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
    const Memory memory = tiny.transformer().encode(random_pairs(config).src, {});
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

TEST(TransformerTest, BatchingChangesNothing) {
  const at::NoGradGuard no_grad;
  for (const TransformerConfig& config : every_variant()) {
    SCOPED_TRACE(describe(config));
    const TinyModel tiny(config);
    const Pairs pairs = random_pairs(config);
    const at::Tensor hidden = forward_hidden(tiny.transformer(), pairs);
    const at::Tensor logits = tiny.transformer().project(hidden);
    for (std::int64_t s = 0; s < pairs.batch(); ++s) {
      const at::Tensor alone = forward_hidden(tiny.transformer(), only(pairs, s));
      EXPECT_TRUE(close_to(only(hidden, pairs.tgt_in.packing, s), alone, 1e-5));
      EXPECT_TRUE(
          close_to(only(logits, pairs.tgt_in.packing, s), tiny.transformer().project(alone), 1e-5));
    }
  }
}

TEST(TransformerTest, WhatStandsInAnotherSentenceChangesNothing) {
  const TinyModel tiny(tiny_config());
  const Pairs pairs = random_pairs(tiny_config());
  const at::Tensor before = forward_hidden(tiny.transformer(), pairs);
  for (std::int64_t changed = 0; changed < pairs.batch(); ++changed) {
    Pairs other = pairs;
    other.src.ids = pairs.src.ids.clone();
    other.tgt_in.ids = pairs.tgt_in.ids.clone();
    only(other.src, changed).ids.fill_(7);
    only(other.tgt_in, changed).ids.fill_(7);
    const at::Tensor after = forward_hidden(tiny.transformer(), other);
    for (std::int64_t s = 0; s < pairs.batch(); ++s)
      EXPECT_EQ(
          at::equal(only(after, pairs.tgt_in.packing, s), only(before, pairs.tgt_in.packing, s)),
          s != changed);
  }
}

TEST(TransformerTest, LaterTargetTokensDontReachEarlierPositions) {
  const at::NoGradGuard no_grad;
  const TinyModel tiny(tiny_config());
  const Pairs pairs = random_pairs(tiny_config());
  const at::Tensor& positions = pairs.tgt_in.packing.positions();
  const at::Tensor before = forward_hidden(tiny.transformer(), pairs);
  pairs.tgt_in.ids.masked_fill_(positions == 3, 11);
  const at::Tensor after = forward_hidden(tiny.transformer(), pairs);
  const auto rows = [](const at::Tensor& of, const at::Tensor& where) {
    return of.index_select(0, where.nonzero().squeeze(1));
  };
  EXPECT_TRUE(close_to(rows(after, positions < 3), rows(before, positions < 3), 1e-6));
  EXPECT_FALSE(close_to(rows(after, positions == 3), rows(before, positions == 3), 1e-2));
}

TEST(TransformerTest, AnEmptySentenceOnEitherSideStaysFinite) {
  for (const TransformerConfig& config : every_variant()) {
    SCOPED_TRACE(describe(config));
    TinyModel tiny(config);
    const Sentences tgt{{4, 5}, {6, 7, 8}, {}};
    const Pairs pairs(pack({{4, 5, 6}, {}, {7, 8}}, -1, -1), pack(tgt, -1, -1), pack(tgt, -1, -1));
    EXPECT_TRUE(std::isfinite(forward_backward(*tiny.replica, pairs)));
    EXPECT_TRUE(is_finite(tiny.grads));
    const at::Tensor hidden = forward_hidden(tiny.transformer(), pairs);
    EXPECT_TRUE(is_finite(hidden));
    EXPECT_TRUE(close_to(only(hidden, pairs.tgt_in.packing, 0),
                         forward_hidden(tiny.transformer(), only(pairs, 0)), 1e-5));
  }
}

TEST(TransformerTest, ABatchsGradientIsTheSumOfItsSentences) {
  for (const TransformerConfig& config : every_variant()) {
    SCOPED_TRACE(describe(config));
    TinyModel tiny(config);
    const Pairs pairs = random_pairs(config);
    const double loss = forward_backward(*tiny.replica, pairs);
    const at::Tensor whole = tiny.grads.clone();
    tiny.grads.zero_();
    double sum = 0.0;
    for (std::int64_t s = 0; s < pairs.batch(); ++s)
      sum += forward_backward(*tiny.replica, only(pairs, s));
    EXPECT_NEAR(sum, loss, 1e-6 * loss);
    EXPECT_TRUE(close_to(tiny.grads, whole, 1e-5));
  }
}

void expect_gradients_equal_finite_differences(const TransformerConfig& config) {
  SCOPED_TRACE(describe(config));
  TinyModel tiny(config);
  const Pairs pairs = random_pairs(config);
  // The same masks at every evaluation: the loss is then a smooth function of the parameters.
  const auto evaluate = [&](const auto& forward) {
    DropoutStream dropout(/*seed=*/5, /*update=*/1, /*shard=*/0);
    return forward(*tiny.replica, pairs, 0.1, ForwardContext{&dropout, nullptr});
  };
  evaluate(forward_backward);
  for (const ParameterSpec& spec : tiny.model.layout().specs()) {
    const at::Tensor grad = ParameterLayout::view(tiny.grads, spec);
    const double length = grad.norm().item<double>();
    if (length < 1e-2) continue;  // drowned in rounding
    const double difference = directional_difference(
        [&] { return evaluate(forward_loss); }, ParameterLayout::view(tiny.model.values(), spec),
        grad / length, 4e-3);
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
    config.layer_dropout = 0.4;
    expect_gradients_equal_finite_differences(config);
  }
}

TEST(TransformerTest, GradientsByTheSourcesVectorsEqualFiniteDifferences) {
  for (TransformerConfig config : every_variant()) {
    config.activation = Activation::kGelu;  // relu has kinks, where differences are none's
    SCOPED_TRACE(describe(config));
    const TinyModel tiny(config);
    const Pairs pairs = random_pairs(config);
    const at::Tensor embedded = tiny.transformer().embed_source(pairs.src, {}).requires_grad_();
    const auto hidden = [&] {
      const Memory memory = tiny.transformer().encode_embedded(embedded, pairs.src.packing, {});
      return tiny.transformer().decode(pairs.tgt_in, memory, {});
    };
    at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(5);
    const at::Tensor weights = at::randn(hidden().sizes(), generator);
    hidden().backward(weights);
    const at::Tensor direction = at::randn(embedded.sizes(), generator);
    const auto value = [&] {
      return (hidden().detach().to(at::kDouble) * weights).sum().item<double>();
    };
    const double expected = directional_difference(value, embedded, direction, 1e-3);
    EXPECT_NEAR((embedded.grad() * direction).sum().item<double>(), expected,
                5e-3 * embedded.grad().norm().item<double>());
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

/// A distribution for each token of the queries' side; zero on padding of either side.
void expect_distributions(const at::Tensor& weights, const Packing& queries, const Packing& keys) {
  const at::Tensor is_query = queries.is_token(at::kCPU).unsqueeze(1).expand({-1, 2, -1});
  EXPECT_TRUE(close_to(weights.sum(-1), is_query.to(at::kFloat), 1e-6));
  const at::Tensor is_key = keys.is_token(at::kCPU).unsqueeze(1).unsqueeze(1);
  const at::Tensor on_padding =
      weights.masked_select((is_query.unsqueeze(3) & is_key).logical_not());
  EXPECT_GT(on_padding.numel(), 0);
  EXPECT_EQ(on_padding.abs().max().item<float>(), 0.0F);
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
    expect_distributions(weights.encoder_self[layer], pairs.src.packing, pairs.src.packing);
    expect_distributions(weights.decoder_self[layer], pairs.tgt_in.packing, pairs.tgt_in.packing);
    expect_distributions(weights.cross[layer], pairs.tgt_in.packing, pairs.src.packing);
  }
  EXPECT_TRUE(at::equal(forward_hidden(tiny.transformer(), pairs), asked));
  const at::NoGradGuard no_grad;  // translation takes other products
  EXPECT_TRUE(close_to(forward_hidden(tiny.transformer(), pairs), asked, 1e-5));
}

at::Tensor parameter(const TinyModel& tiny, const std::string& name) {
  for (const ParameterSpec& spec : tiny.model.layout().specs())
    if (spec.name == name) return ParameterLayout::view(tiny.model.values(), spec);
  return {};
}

TEST(TransformerTest, LayersLeftOutPassOnWhatTheyWereGiven) {
  for (const NormPosition norm : {NormPosition::kPre, NormPosition::kPost}) {
    TransformerConfig config = tiny_config();
    config.norm = norm;
    config.layer_dropout = 0.999999999;  // all of them
    const TinyModel tiny(config);
    const Pairs pairs = random_pairs(config);
    const at::Tensor embedded = tiny.transformer().embed_source(pairs.src, {});
    DropoutStream dropout(1, 1, 0);
    const at::Tensor passed =
        tiny.transformer().encode_embedded(embedded, pairs.src.packing, {&dropout, nullptr}).states;
    // With the norm ahead, that of the stack's end is left.
    const at::Tensor expected =
        norm == NormPosition::kPost
            ? embedded
            : at::layer_norm(embedded, {config.d_model}, parameter(tiny, "encoder.norm.weight"),
                             parameter(tiny, "encoder.norm.bias"));
    EXPECT_TRUE(close_to(passed, expected, 1e-5));
    const at::Tensor used = forward_hidden(tiny.transformer(), pairs);
    config.layer_dropout = 0.0;
    EXPECT_TRUE(at::equal(forward_hidden(TinyModel(config).transformer(), pairs), used));
  }
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
