#include "model/inference/inference_scorer.h"

#include <gtest/gtest.h>

#include "model/beam_search.h"
#include "model/sampling.h"
#include "model/transformer_scorer.h"
#include "tests/support/table_scorer.h"
#include "tests/support/tiny_model.h"

namespace heed {
namespace {

std::unique_ptr<NextTokenScorer> packed_scorer(const TinyModel& tiny, WeightPrecision precision) {
  return make_inference_scorer(
      std::make_shared<InferenceModel>(tiny.transformer().config(), precision,
                                       tiny.model.find_weights()),
      kTestEos);
}

SearchOptions beam_of(std::int64_t size) {
  SearchOptions options;
  options.beam_size = options.n_best = size;
  return options;
}

TEST(InferenceScorerTest, FindsWhatTheNetworkItselfFinds) {
  std::vector<TransformerConfig> variants = every_variant();
  for (std::size_t i = 0; i < variants.size(); i += 2) variants[i].output_bias = true;
  for (const TransformerConfig& config : variants) {
    SCOPED_TRACE(describe(config));
    const TinyModel tiny(config, 7);
    // One scorer does them all: a batch leaves nothing behind for the next.
    const auto packed = packed_scorer(tiny, WeightPrecision::kFp32);
    for (const std::int64_t beam_size : {1, 4}) {
      const Sentences sources = random_sentences({5, 1, 40, 3, 0, 600}, config.src_vocab_size, 1);
      TransformerScorer network(tiny.transformer(), kTestEos);
      const auto expected = beam_search(network, sources, beam_of(beam_size));
      const auto found = beam_search(*packed, sources, beam_of(beam_size));
      for (std::size_t index = 0; index < sources.size(); ++index) {
        ASSERT_EQ(found[index].size(), expected[index].size());
        for (std::size_t rank = 0; rank < found[index].size(); ++rank) {
          EXPECT_EQ(found[index][rank].tokens, expected[index][rank].tokens);
          EXPECT_NEAR(found[index][rank].log_prob, expected[index][rank].log_prob,
                      1e-5 * static_cast<double>(10 + expected[index][rank].tokens.size()));
        }
      }
    }
  }
}

TEST(InferenceScorerTest, RoundedWeightsGiveNearlyTheSameScores) {
  for (const TransformerConfig& config : every_variant()) {
    SCOPED_TRACE(describe(config));
    const TinyModel tiny(config, 7);
    const auto exact = packed_scorer(tiny, WeightPrecision::kFp32);
    for (const WeightPrecision precision : {WeightPrecision::kBf16, WeightPrecision::kInt8}) {
      const auto rounded = packed_scorer(tiny, precision);
      const Sentences sources = random_sentences({4, 6}, 12, 2);
      exact->start(sources);
      rounded->start(sources);
      const auto compare = [&](const Ids& tokens, const Ids& origins) {
        const auto expected = scores_of(*exact, tokens, origins);
        const auto found = scores_of(*rounded, tokens, origins);
        double difference = 0.0;
        double size = 0.0;
        for (std::size_t row = 0; row < expected.size(); ++row)
          for (std::size_t i = 0; i < expected[row].size(); ++i) {
            difference += std::abs(expected[row][i] - found[row][i]);
            size += std::abs(expected[row][i]);
          }
        EXPECT_LT(difference, 0.1 * size);
        EXPECT_GT(difference, 0.0);  // they were rounded
      };
      compare({kTestBos, kTestBos}, {0, 1});
      compare({4, 5, 6, 7}, {0, 0, 1, 1});
      compare({5, 5}, {3, 2});  // the first sentence has left
    }
  }
}

TEST(InferenceScorerTest, GreedySearchWithoutScoresFindsTheSame) {
  const TinyModel tiny(tiny_config(), 7);
  const auto scorer = packed_scorer(tiny, WeightPrecision::kFp32);
  const Sentences sources = random_sentences({5, 1, 9}, 12, 1);
  SearchOptions options = beam_of(1);
  const auto scored = beam_search(*scorer, sources, options);
  options.with_scores = false;
  const auto plain = beam_search(*scorer, sources, options);
  for (std::size_t index = 0; index < sources.size(); ++index) {
    EXPECT_EQ(plain[index].at(0).tokens, scored[index].at(0).tokens);
    EXPECT_LT(scored[index].at(0).log_prob, 0.0);
    EXPECT_EQ(plain[index].at(0).log_prob, 0.0);
  }
  options.beam_size = 2;
  EXPECT_THROW(beam_search(*scorer, sources, options), std::invalid_argument);
}

TEST(InferenceScorerTest, SamplesAreTheSameWhateverTheBatch) {
  const TinyModel tiny(tiny_config(), 7);
  for (const WeightPrecision precision :
       {WeightPrecision::kFp32, WeightPrecision::kBf16, WeightPrecision::kInt8}) {
    const auto scorer = packed_scorer(tiny, precision);
    const Sentences sources = random_sentences({5, 1, 40, 3, 0}, 12, 1);
    const std::vector<std::uint64_t> seeds{1, 2, 3, 4, 5};
    SamplingOptions options;
    options.num_samples = 4;
    options.draw.top_p = 0.9;
    const auto together = sample(*scorer, sources, options, seeds);
    for (std::size_t index = 0; index < sources.size(); ++index) {
      const auto alone = sample(*scorer, std::span(sources).subspan(index, 1), options,
                                std::span(seeds).subspan(index, 1))
                             .at(0);
      ASSERT_EQ(alone.size(), 4U);
      for (std::size_t number = 0; number < alone.size(); ++number)
        EXPECT_EQ(together[index][number].tokens, alone[number].tokens);
    }
  }
}

}  // namespace
}  // namespace heed
