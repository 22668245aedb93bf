#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <numeric>

#include "model/beam_search.h"
#include "model/inference/inference_scorer.h"
#include "model/transformer_scorer.h"
#include "tests/support/table_scorer.h"
#include "tests/support/tiny_model.h"

namespace heed {
namespace {

/// What the last token of `target` attends to when the network reads it at once: the mean over
/// layers and heads, [src_len].
std::vector<float> forced_attention(const Transformer& transformer, const Ids& source,
                                    const Ids& target) {
  const at::NoGradGuard no_grad;
  AttentionWeights weights;
  ForwardContext context;
  context.weights = &weights;
  forward_hidden(transformer, Pairs({source}, {target}), context);
  std::vector<float> mean(source.size() + 1, 0.0F);
  const auto layers = static_cast<float>(weights.cross.size());
  for (const at::Tensor& layer : weights.cross)
    for (std::int64_t i = 0; i < std::ssize(mean); ++i)
      mean[static_cast<std::size_t>(i)] +=
          layer.select(2, layer.size(2) - 1).mean(1)[0][i].item<float>() / layers;
  return mean;
}

/// A row of a step: which source, and its tokens so far without bos.
struct Row {
  std::size_t sentence;
  Ids tokens;
};

/// Takes a scorer through three steps in which rows multiply, change places and a sentence leaves.
void check_steps(NextTokenScorer& scorer, const Transformer& transformer, float tolerance) {
  const Sentences sources = random_sentences({5, 1, 9}, 12, 3);
  ASSERT_TRUE(scorer.gives_attention());
  scorer.want_attention(true);
  scorer.start(sources);
  std::vector<Row> rows{{0, {}}, {1, {}}, {2, {}}};
  const auto check = [&](const Ids& tokens, const Ids& origins) {
    std::vector<Row> next;
    for (std::size_t row = 0; row < tokens.size(); ++row) {
      next.push_back(rows[static_cast<std::size_t>(origins[row])]);
      if (tokens[row] != kTestBos) next.back().tokens.push_back(tokens[row]);
    }
    rows = std::move(next);
    scores_of(scorer, tokens, origins);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const Ids& source = sources[rows[row].sentence];
      const std::vector<float> expected = forced_attention(transformer, source, rows[row].tokens);
      const std::span<const float> found = scorer.attention(static_cast<std::int64_t>(row));
      ASSERT_EQ(found.size(), expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_NEAR(found[i], expected[i], tolerance) << "row " << row << ", position " << i;
      EXPECT_NEAR(std::accumulate(found.begin(), found.end(), 0.0F), 1.0F, 1e-5F);
    }
  };
  check({kTestBos, kTestBos, kTestBos}, {0, 1, 2});
  check({4, 5, 6, 7, 8, 9}, {0, 0, 1, 1, 2, 2});
  check({4, 5, 6, 7}, {1, 0, 4, 4});
}

TEST(StepAttentionTest, IsThatOfAForcedPass) {
  for (const TransformerConfig& config : every_variant()) {
    SCOPED_TRACE(describe(config));
    const TinyModel tiny(config, 7);
    TransformerScorer network(tiny.transformer(), kTestEos);
    check_steps(network, tiny.transformer(), 1e-5F);
    const auto packed = [&](WeightPrecision precision) {
      return make_inference_scorer(
          std::make_shared<InferenceModel>(config, precision, tiny.model.find_weights()), kTestEos);
    };
    check_steps(*packed(WeightPrecision::kFp32), tiny.transformer(), 1e-5F);
    check_steps(*packed(WeightPrecision::kBf16), tiny.transformer(), 0.05F);
  }
}

TEST(StepAttentionTest, BothEnginesFindTheSameUnderACoveragePenalty) {
  const TinyModel tiny(tiny_config(), 7);
  const Sentences sources = random_sentences({5, 1, 12, 3, 0}, 12, 1);
  TransformerScorer network(tiny.transformer(), kTestEos);
  const auto packed =
      make_inference_scorer(std::make_shared<InferenceModel>(tiny_config(), WeightPrecision::kFp32,
                                                             tiny.model.find_weights()),
                            kTestEos);
  SearchOptions options;
  options.beam_size = options.n_best = 4;
  const auto plain = beam_search(*packed, sources, options);
  options.coverage_penalty = 0.3;
  const auto expected = beam_search(network, sources, options);
  const auto found = beam_search(*packed, sources, options);
  options.coverage_penalty = 0.0;
  const auto again = beam_search(*packed, sources, options);
  for (std::size_t index = 0; index < sources.size(); ++index) {
    for (std::size_t rank = 0; rank < found[index].size(); ++rank) {
      EXPECT_EQ(found[index][rank].tokens, expected[index][rank].tokens);
      EXPECT_NEAR(found[index][rank].score, expected[index][rank].score, 1e-4);
      EXPECT_EQ(again[index][rank].score, plain[index][rank].score);
    }
  }
  EXPECT_NE(found[2][0].score, plain[2][0].score);
}

}  // namespace
}  // namespace heed
