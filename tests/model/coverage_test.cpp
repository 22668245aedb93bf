#include "model/coverage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "tests/support/beam_search_testing.h"
#include "tests/support/exhaustive_search.h"

namespace heed {
namespace {

using testing::ElementsAre;

AttentionTable random_attention(std::uint32_t seed) {
  return [=](const Ids& source, const Ids& prefix) {
    std::vector<float> weights = random_table(std::ssize(source) + 1, seed)(source, prefix);
    for (float& weight : weights) weight = std::exp(weight);
    return weights;
  };
}

AttentionTable attention_by_hand(const std::map<Ids, std::vector<float>>& weights) {
  return [=](const Ids&, const Ids& prefix) {
    const auto found = weights.find(prefix);  // not there: a place that no hypothesis fills
    return found == weights.end() ? std::vector<float>() : found->second;
  };
}

// "a" has probability 0.6 and covers 1.0, 0.4 and 0.6 of the source, "a b" has 0.4 and covers 1.1,
// 0.8 and 1.1.
const ScoreTable kShortOrLong =
    by_hand({{{}, {{kA, 1.0}}}, {{kA}, {{kEos, 0.6}, {kB, 0.4}}}, {{kA, kB}, {{kEos, 1.0}}}});
const AttentionTable kHalfSeen = attention_by_hand(
    {{{}, {0.8F, 0.1F, 0.1F}}, {{kA}, {0.2F, 0.3F, 0.5F}}, {{kA, kB}, {0.1F, 0.4F, 0.5F}}});

std::vector<Hypothesis> search_covering(TableScorer& scorer, double beta, std::int64_t n_best = 1,
                                        double alpha = 0.0) {
  SearchOptions options = options_of(2, 5, alpha, n_best);
  options.coverage_penalty = beta;
  return beam_search(scorer, std::vector<Ids>{{kA, kB}}, options).at(0);
}

TEST(CoverageTest, IsTheSumOfTheLogarithmsOfWhatWasSeen) {
  std::vector<float> coverage;
  add_attention(std::vector<float>{0.5F, 0.25F, 0.25F}, coverage);
  add_attention(std::vector<float>{0.75F, 0.25F, 0.0F}, coverage);
  EXPECT_THAT(coverage, ElementsAre(1.25F, 0.5F, 0.25F));
  EXPECT_NEAR(coverage_penalty(coverage), std::log(0.5 * 0.25), 1e-12);
  EXPECT_EQ(coverage_penalty(std::vector<float>{1.0F, 2.0F}), 0.0);
  EXPECT_EQ(coverage_penalty({}), 0.0);
}

TEST(CoverageTest, WhatWasNeverSeenCostsAFiniteAmount) {
  EXPECT_NEAR(coverage_penalty(std::vector<float>{0.0F, 1.0F, 0.0F}), 2 * -87.3365, 1e-3);
}

TEST(CoverageTest, ThePenaltyChangesTheWinner) {
  TableScorer scorer(kVocab, kBos, kShortOrLong, kHalfSeen);
  EXPECT_THAT(tokens_of(search_covering(scorer, 0.0)), ElementsAre(Ids{kA}));
  const auto weak = search_covering(scorer, 0.2, 2);
  ASSERT_THAT(tokens_of(weak), ElementsAre(Ids{kA}, (Ids{kA, kB})));
  const auto strong = search_covering(scorer, 0.5, 2);
  ASSERT_THAT(tokens_of(strong), ElementsAre((Ids{kA, kB}), Ids{kA}));
  EXPECT_NEAR(strong[0].score, std::log(0.4) + 0.5 * std::log(0.8), 1e-6);
  EXPECT_NEAR(strong[1].score, std::log(0.6) + 0.5 * std::log(0.4 * 0.6), 1e-6);
  EXPECT_NEAR(strong[0].log_prob, std::log(0.4), 1e-6);  // the model's own
  const auto by_length = search_covering(scorer, 0.5, 2, 1.0);
  EXPECT_NEAR(by_length[0].score, std::log(0.4) / 3 + 0.5 * std::log(0.8), 1e-6);
}

TEST(CoverageTest, TheSearchEndsByTheFullScore) {
  // After two steps "a" (0.6) can't be beaten by probability, but by the full score it can.
  TableScorer scorer(kVocab, kBos, kShortOrLong, kHalfSeen);
  EXPECT_THAT(tokens_of(search_covering(scorer, 0.0)), ElementsAre(Ids{kA}));
  EXPECT_EQ(scorer.rows_per_step().size(), 2U);
  EXPECT_THAT(tokens_of(search_covering(scorer, 0.5)), ElementsAre((Ids{kA, kB})));
  EXPECT_EQ(scorer.rows_per_step().size(), 3U);
}

TEST(CoverageTest, ByCTranslate2sRuleTheFirstRankedIsNotTheEnd) {
  // Its first-ranked candidate of step 2 is the end of "a".
  for (const double beta : {0.0, 0.5}) {
    TableScorer scorer(kVocab, kBos, kShortOrLong, kHalfSeen);
    SearchOptions options = options_of(2, 5, 0.0);
    options.stopping = Stopping::kCTranslate2;
    options.coverage_penalty = beta;
    const auto found = beam_search(scorer, std::vector<Ids>{{kA, kB}}, options).at(0);
    EXPECT_EQ(found.at(0).tokens, beta > 0.0 ? (Ids{kA, kB}) : Ids{kA});
  }
}

TEST(CoverageTest, OffItAsksForNoAttentionAndChangesNothing) {
  for (std::uint32_t seed = 0; seed < 10; ++seed) {
    TableScorer plain(kVocab, kBos, random_table(kVocab, seed));
    TableScorer able(kVocab, kBos, random_table(kVocab, seed), random_attention(seed));
    search_covering(able, 0.3);
    EXPECT_TRUE(able.wants_attention());
    expect_same(search_covering(able, 0.0, 2), search_covering(plain, 0.0, 2));
    EXPECT_FALSE(able.wants_attention());
  }
}

TEST(CoverageTest, ABeamThatHoldsEveryPrefixEqualsExhaustiveSearchUnderTheFullScore) {
  std::size_t changed = 0;
  for (std::uint32_t seed = 0; seed < 25; ++seed) {
    for (const double alpha : {0.0, 1.0}) {
      for (const double beta : {0.05, 0.4, 3.0}) {
        SCOPED_TRACE(testing::Message() << "seed " << seed << ", " << alpha << ", " << beta);
        const std::int64_t max_length = 1 + seed % 4;
        const ScoreTable table = random_table(kVocab, seed);
        const AttentionTable attention = random_attention(seed);
        const ExhaustiveSearch plain(table, {kA, kB, kA}, max_length, alpha);
        const ExhaustiveSearch full(table, {kA, kB, kA}, max_length, alpha, {attention, beta});
        changed += plain.best(1).at(0).tokens != full.best(1).at(0).tokens ? 1 : 0;
        SearchOptions options =
            options_of(static_cast<std::int64_t>(full.size()), max_length, alpha, 3);
        options.coverage_penalty = beta;
        TableScorer scorer(kVocab, kBos, table, attention);
        const auto found = beam_search(scorer, std::vector<Ids>{{kA, kB, kA}}, options).at(0);
        const auto expected = full.best(3);
        ASSERT_EQ(tokens_of(found), tokens_of(expected));
        for (std::size_t rank = 0; rank < found.size(); ++rank)
          EXPECT_NEAR(found[rank].score, expected[rank].score, 1e-5);
      }
    }
  }
  EXPECT_GT(changed, 20U);
}

/// beta times the term of a hypothesis, from the table alone.
double term_of(const AttentionTable& attention, const Ids& source, const Ids& tokens) {
  std::vector<float> coverage;
  for (std::size_t length = 0; length <= tokens.size(); ++length)
    add_attention(
        attention(source, Ids(tokens.begin(), tokens.begin() + static_cast<long>(length))),
        coverage);
  return coverage_penalty(coverage);
}

TEST(CoverageTest, FollowsTheHypothesesFromBeamToBeamAndBatchToBatch) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const AttentionTable attention = random_attention(seed);
    TableScorer scorer(kVocab, kBos, random_table(kVocab, seed), attention);
    const std::vector<Ids> sources{{kA}, {kB, kA, kB, kB}, {}, {kA, kA}};
    SearchOptions options = options_of(3, 2, 0.8, 3);
    options.max_length_ratio = 1.5;
    options.coverage_penalty = 0.3;
    const auto found = beam_search(scorer, sources, options);
    for (std::size_t index = 0; index < sources.size(); ++index)
      for (const Hypothesis& one : found[index])
        EXPECT_NEAR(one.score,
                    one.log_prob / length_penalty(std::ssize(one.tokens) + 1, 0.8) +
                        0.3 * term_of(attention, sources[index], one.tokens),
                    1e-9);
  }
}

TEST(CoverageTest, RefusesAScorerWithoutAttentionAndANegativePenalty) {
  TableScorer blind(kVocab, kBos, kShortOrLong);
  EXPECT_THROW(search_covering(blind, 0.1), std::invalid_argument);
  TableScorer scorer(kVocab, kBos, kShortOrLong, kHalfSeen);
  EXPECT_THROW(search_covering(scorer, -0.1), std::invalid_argument);
  EXPECT_THROW(search_covering(scorer, std::nan("")), std::invalid_argument);
}

}  // namespace
}  // namespace heed
