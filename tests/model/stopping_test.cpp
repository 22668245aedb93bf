#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "tests/support/beam_search_testing.h"

namespace heed {
namespace {

using testing::ElementsAre;

SearchOptions as_ctranslate2(SearchOptions options) {
  options.stopping = Stopping::kCTranslate2;
  return options;
}

TEST(StoppingTest, WithoutALengthPenaltyAFullListIsNotTheEnd) {
  // Two steps finish "" (0.3) and "b" (0.18), each ranked second; "a a" has 0.36 after the third.
  const ScoreTable table = by_hand({{{}, {{kA, 0.5}, {kEos, 0.3}, {kB, 0.2}}},
                                    {{kA}, {{kA, 0.8}, {kEos, 0.2}}},
                                    {{kB}, {{kEos, 0.9}, {kA, 0.1}}},
                                    {{kA, kA}, {{kEos, 0.9}, {kB, 0.1}}}});
  EXPECT_THAT(tokens_of(search(table, options_of(2, 9, 0.0))), ElementsAre(Ids{}));
  const auto found = search(table, as_ctranslate2(options_of(2, 9, 0.0, 2)));
  ASSERT_THAT(tokens_of(found), ElementsAre((Ids{kA, kA}), Ids{}));
  EXPECT_NEAR(found[0].log_prob, std::log(0.36), 1e-6);
}

TEST(StoppingTest, WithoutALengthPenaltyOnceIsEnoughForTheFirstRanked) {
  // "" is first-ranked at once, but 2 are asked for: "a", second-ranked in step 2, is the other.
  // "a a", in step 3, would be better.
  const ScoreTable table = by_hand({{{}, {{kEos, 0.6}, {kA, 0.4}}},
                                    {{kA}, {{kA, 0.7}, {kEos, 0.3}}},
                                    {{kA, kA}, {{kEos, 1.0}}}});
  EXPECT_THAT(tokens_of(search(table, as_ctranslate2(options_of(3, 9, 0.0, 2)))),
              ElementsAre(Ids{}, Ids{kA}));
  EXPECT_THAT(tokens_of(search(table, options_of(3, 9, 0.0, 2))),
              ElementsAre(Ids{}, (Ids{kA, kA})));
}

TEST(StoppingTest, WithOneTheListIsFilled) {
  // "" (-0.51) can't be beaten by "a ..." (at most log 0.02 / 3), yet the search goes on.
  const ScoreTable table = by_hand(
      {{{}, {{kEos, 0.6}, {kA, 0.02}, {kB, 0.01}}}, {{kA}, {{kEos, 1.0}}}, {{kB}, {{kEos, 1.0}}}});
  for (const auto& [stopping, steps] :
       {std::pair{Stopping::kBound, 1U}, std::pair{Stopping::kCTranslate2, 2U}}) {
    TableScorer scorer(kVocab, kBos, table);
    SearchOptions options = options_of(2, 2, 1.0);
    options.stopping = stopping;
    EXPECT_THAT(tokens_of(beam_search(scorer, std::vector<Ids>{{kA}}, options).at(0)),
                ElementsAre(Ids{}));
    EXPECT_EQ(scorer.rows_per_step().size(), steps);
  }
}

/// Below the maximum length, and with a length penalty, heed's rule only leaves out work.
TEST(StoppingTest, GivesTheSameBestAsTheBound) {
  std::size_t longest = 0;
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    for (const double alpha : {0.3, 1.0, 1.5}) {
      const ScoreTable table = random_table(kVocab, seed);
      const auto options = options_of(1 + seed % 4, 60, alpha);
      const auto found = search(table, as_ctranslate2(options));
      expect_same(found, search(table, options));
      longest = std::max(longest, found.at(0).tokens.size());
    }
  }
  EXPECT_GT(longest, 3U);
  EXPECT_LT(longest, 60U);
}

TEST(StoppingTest, AtTheMaximumLengthTheFirstRankedEndAsTheyAre) {
  const ScoreTable table = by_hand({{{}, {{kA, 0.5}, {kB, 0.4}, {kEos, 0.1}}},
                                    {{kA}, {{kB, 0.6}, {kEos, 0.4}}},
                                    {{kB}, {{kA, 0.3}, {kEos, 0.3}, {kB, 0.4}}}});
  // Ranked after step 2: "a b" 0.3, "a" and its end 0.2, "b b" 0.16, "b a" 0.12, "b" and its end.
  const auto found = search(table, as_ctranslate2(options_of(3, 2, 1.0, 3)));
  ASSERT_THAT(tokens_of(found), ElementsAre((Ids{kA, kB}), Ids{kA}, (Ids{kB, kB})));
  EXPECT_NEAR(found[0].log_prob, std::log(0.3), 1e-6);
  EXPECT_NEAR(found[0].score, std::log(0.3) / 2.0, 1e-6);
  EXPECT_NEAR(found[1].score, std::log(0.2) / 2.0, 1e-6);
}

}  // namespace
}  // namespace heed
