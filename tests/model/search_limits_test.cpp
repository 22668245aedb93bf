#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/beam_search_testing.h"

namespace heed {
namespace {

using testing::ElementsAre;

/// Rather a than b, rather b than the end, whatever came before.
ScoreTable always(double a, double b, double end) {
  return [=](const Ids&, const Ids&) {
    std::vector<float> row(kVocab, kNever);
    row[kA] = static_cast<float>(std::log(a));
    row[kB] = static_cast<float>(std::log(b));
    row[kEos] = static_cast<float>(std::log(end));
    return row;
  };
}

TEST(SearchLimitsTest, NoEndAheadOfTheMinimumLength) {
  const ScoreTable ends_soon = always(0.3, 0.1, 0.6);
  for (const std::int64_t beam_size : {1, 3}) {
    SearchOptions options = options_of(beam_size, 9, 0.0);
    EXPECT_THAT(tokens_of(search(ends_soon, options)), ElementsAre(Ids{}));
    options.min_length = 2;
    EXPECT_THAT(tokens_of(search(ends_soon, options)), ElementsAre(Ids{kA, kA}));
    options.min_length = 99;  // the maximum is the stronger
    EXPECT_EQ(search(ends_soon, options).at(0).tokens.size(), 9U);
  }
}

TEST(SearchLimitsTest, NoNGramTwice) {
  const ScoreTable repeats = always(0.5, 0.3, 0.2);
  SearchOptions options = options_of(1, 9, 1.0);
  EXPECT_THAT(tokens_of(search(repeats, options)), ElementsAre(Ids(9, kA)));
  options.no_repeat_ngram = 1;
  EXPECT_THAT(tokens_of(search(repeats, options)), ElementsAre(Ids{kA, kB}));
  options.no_repeat_ngram = 2;  // after aa, ab, ba nothing can follow a
  EXPECT_THAT(tokens_of(search(repeats, options)), ElementsAre(Ids{kA, kA, kB, kA}));
  options.no_repeat_ngram = 3;
  const Ids found = search(repeats, options).at(0).tokens;
  EXPECT_THAT(Ids(found.begin(), found.begin() + 6), ElementsAre(kA, kA, kA, kB, kA, kA));
}

TEST(SearchLimitsTest, HypothesesBeginWithThePrefixAndAreScoredWithIt) {
  const ScoreTable table = by_hand({{{}, {{kA, 0.9}, {kB, 0.1}}},
                                    {{kA}, {{kEos, 1.0}}},
                                    {{kB}, {{kA, 0.2}, {kB, 0.3}, {kEos, 0.5}}},
                                    {{kB, kA}, {{kEos, 1.0}}},
                                    {{kB, kB}, {{kEos, 1.0}}}});
  const std::vector<Ids> sources{{kA}, {kB}, {kA, kA}};
  const std::vector<Ids> prefixes{{}, {kB}, {kB, kA}};
  for (const std::int64_t beam_size : {1, 2, 4}) {
    TableScorer scorer(kVocab, kBos, table);
    const auto found =
        beam_search(scorer, sources, options_of(beam_size, 9, 0.0), nullptr, prefixes);
    EXPECT_EQ(found[0].at(0).tokens, Ids{kA});
    EXPECT_EQ(found[1].at(0).tokens, Ids{kB});
    EXPECT_NEAR(found[1].at(0).log_prob, std::log(0.05), 1e-6);
    EXPECT_EQ(found[2].at(0).tokens, (Ids{kB, kA}));
    EXPECT_NEAR(found[2].at(0).log_prob, std::log(0.02), 1e-6);
    // Longer than the maximum length: it ends there.
    TableScorer again(kVocab, kBos, table);
    EXPECT_EQ(beam_search(again, sources, options_of(beam_size, 1, 0.0), nullptr, prefixes)[2]
                  .at(0)
                  .tokens,
              (Ids{kB, kA}));
  }
  TableScorer scorer(kVocab, kBos, table);
  EXPECT_THROW(beam_search(scorer, sources, options_of(1, 9), nullptr, std::vector<Ids>{{}}),
               std::invalid_argument);
}

}  // namespace
}  // namespace heed
