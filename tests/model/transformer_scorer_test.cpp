#include "model/transformer_scorer.h"

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "model/beam_search.h"
#include "tests/support/table_scorer.h"
#include "tests/support/tiny_model.h"

namespace heed {
namespace {

std::vector<std::vector<Hypothesis>> search(const Transformer& transformer,
                                            const Sentences& sources, std::int64_t beam_size) {
  SearchOptions options;
  options.beam_size = options.n_best = beam_size;
  TransformerScorer scorer(transformer, kTestEos);
  return beam_search(scorer, sources, options);
}

/// Log-probability of a whole hypothesis by teacher forcing.
double forced_log_prob(const Transformer& transformer, const std::vector<std::int32_t>& source,
                       const std::vector<std::int32_t>& target) {
  const Pairs pair({source}, {target});
  return target_log_probs(forward_hidden(transformer, pair), transformer.output_weight(),
                          pair.tgt_out.ids)
      .sum()
      .item<double>();
}

TEST(TransformerScorerTest, ABatchEqualsItsSentencesOneByOne) {
  for (const TransformerConfig& config : every_variant()) {
    SCOPED_TRACE(describe(config));
    const TinyModel tiny(config, 7);
    const Sentences sources = random_sentences({5, 1, 9, 3, 0}, config.src_vocab_size, 1);
    for (const std::int64_t beam_size : {1, 4}) {
      const auto together = search(tiny.transformer(), sources, beam_size);
      for (std::size_t index = 0; index < sources.size(); ++index) {
        const auto alone = search(tiny.transformer(), {sources[index]}, beam_size).at(0);
        ASSERT_EQ(together[index].size(), alone.size());
        for (std::size_t rank = 0; rank < alone.size(); ++rank) {
          EXPECT_EQ(together[index][rank].tokens, alone[rank].tokens);
          EXPECT_NEAR(together[index][rank].log_prob, alone[rank].log_prob, 1e-4);
        }
      }
    }
  }
}

TEST(TransformerScorerTest, LogProbabilitiesAreThoseOfTeacherForcing) {
  const at::NoGradGuard no_grad;
  for (const TransformerConfig& config : every_variant()) {
    const TinyModel tiny(config, 7);
    const Sentences sources = random_sentences({5, 2}, config.src_vocab_size, 1);
    const auto found = search(tiny.transformer(), sources, 3);
    for (std::size_t index = 0; index < sources.size(); ++index)
      for (const Hypothesis& hypothesis : found[index])
        EXPECT_NEAR(hypothesis.log_prob,
                    forced_log_prob(tiny.transformer(), sources[index], hypothesis.tokens), 1e-4)
            << describe(config);
  }
}

TEST(TransformerScorerTest, EveryRowHasAScoreForEveryTokenAndAnotherStartForgets) {
  const TinyModel tiny(tiny_config());
  TransformerScorer scorer(tiny.transformer(), kTestEos);
  const Sentences sources = random_sentences({4, 6}, 12, 2);
  scorer.start(sources);
  const auto first = scores_of(scorer, {kTestBos, kTestBos}, {0, 1});
  ASSERT_EQ(first.size(), 2U);
  for (const auto& row : first) EXPECT_EQ(std::ssize(row), scorer.vocab_size());
  EXPECT_EQ(scores_of(scorer, {4, 5, 6, 7}, {0, 0, 1, 1}).size(), 4U);
  scorer.start(sources);
  EXPECT_EQ(scores_of(scorer, {kTestBos, kTestBos}, {0, 1}), first);
}

}  // namespace
}  // namespace heed
