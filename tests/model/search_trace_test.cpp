#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/beam_search_testing.h"

namespace heed {
namespace {

TEST(SearchTraceTest, TellsWhatBecameOfEachCandidate) {
  const ScoreTable table = by_hand({{{}, {{kA, 0.6}, {kB, 0.3}, {kEos, 0.1}}},
                                    {{kA}, {{kA, 0.2}, {kEos, 0.8}}},
                                    {{kB}, {{kB, 1.0}}}});
  TableScorer scorer(kVocab, kBos, table);
  std::vector<SearchTrace> traces;
  const auto best =
      beam_search(scorer, std::vector<Ids>{{kA}}, options_of(2, 2, 0.0), &traces).at(0);
  EXPECT_THAT(tokens_of(best), testing::ElementsAre(Ids{kA}));
  ASSERT_EQ(traces.size(), 1U);
  ASSERT_GE(traces[0].size(), 2U);
  using Fate = SearchCandidate::Fate;
  const auto& first = traces[0][0];
  ASSERT_EQ(first.size(), 3U);
  EXPECT_EQ(first[0].token, kA);
  EXPECT_EQ(first[0].fate, Fate::kKept);
  EXPECT_EQ(first[0].place, 0);
  EXPECT_EQ(first[1].token, kB);
  EXPECT_EQ(first[1].place, 1);
  EXPECT_EQ(first[2].token, kEos);
  EXPECT_EQ(first[2].fate, Fate::kDropped);  // it ends, but is not among the two best
  const auto& second = traces[0][1];
  ASSERT_EQ(second.size(), 3U);
  EXPECT_EQ(second[0].token, kEos);
  EXPECT_EQ(second[0].origin, 0);
  EXPECT_EQ(second[0].fate, Fate::kFinished);
  EXPECT_NEAR(second[0].log_prob, std::log(0.48), 1e-6);
  EXPECT_NEAR(second[0].token_log_prob, std::log(0.8), 1e-6);
  EXPECT_EQ(second[1].token, kB);
  EXPECT_EQ(second[1].origin, 1);
  EXPECT_NEAR(second[1].token_log_prob, 0.0, 1e-6);
}

TEST(SearchTraceTest, ChangesNothingAndLeadsToTheOutput) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const std::vector<Ids> sources{{kA}, {kB, kA}, {kA, kA, kB}};
    TableScorer plain(kVocab, kBos, random_table(kVocab, seed));
    TableScorer traced(kVocab, kBos, random_table(kVocab, seed));
    std::vector<SearchTrace> traces;
    const SearchOptions options = options_of(3, 6);
    const auto expected = beam_search(plain, sources, options);
    const auto actual = beam_search(traced, sources, options, &traces);
    ASSERT_EQ(traces.size(), sources.size());
    for (std::size_t i = 0; i < sources.size(); ++i) {
      expect_same(actual[i], expected[i]);
      std::int32_t place = 0;
      double total = 0.0;
      Ids tokens = actual[i][0].tokens;
      tokens.push_back(kEos);
      for (std::size_t step = 0; step < tokens.size(); ++step) {
        const auto& candidates = traces[i].at(step);
        const auto found = std::find_if(candidates.begin(), candidates.end(), [&](const auto& c) {
          return c.origin == place && c.token == tokens[step];
        });
        ASSERT_NE(found, candidates.end());
        total += found->token_log_prob;
        place = found->place;
      }
      EXPECT_NEAR(total, actual[i][0].log_prob, 1e-9);
    }
  }
}

}  // namespace
}  // namespace heed
