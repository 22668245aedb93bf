#include "app/evaluate/chrf.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/support/metric_fixtures.h"

namespace heed {
namespace {

using Strings = std::vector<std::string>;

ChrfOptions with_word_order(int word_order) {
  ChrfOptions options;
  options.word_order = word_order;
  return options;
}

TEST(Chrf, EqualsSacrebleuOnFixtures) {
  const nlohmann::json corpora = read_metric_fixture("corpora.json").at("corpora");
  ASSERT_GT(corpora.size(), 10U);
  for (const nlohmann::json& corpus : corpora) {
    for (const nlohmann::json& expected : corpus.at("chrf")) {
      SCOPED_TRACE(corpus.at("name").get<std::string>() + ": " + expected.dump());
      ChrfOptions options = with_word_order(expected.at("word_order").get<int>());
      options.lowercase = expected.at("lowercase").get<bool>();
      const Chrf chrf(options);
      EXPECT_NEAR(chrf.score(corpus_statistics(chrf, corpus)), expected.at("score").get<double>(),
                  1e-9);
      EXPECT_EQ(chrf.name(), expected.at("name").get<std::string>());
      EXPECT_EQ(chrf.signature(corpus.at("references").size()),
                expected.at("signature").get<std::string>());
    }
  }
}

TEST(Chrf, StatisticsOfAHandWorkedSegment) {
  const Strings reference = {"ab cab!"};  // abcab!; words: ab, cab, !
  const ChrfStatistics statistics =
      Chrf(with_word_order(2)).statistics(" ab\tab ", reference);  // abab; words: ab, ab
  ChrfStatistics expected;
  expected.orders[0] = {4, 6, 4};  // a a b b
  expected.orders[1] = {3, 5, 2};  // ab ab
  expected.orders[2] = {2, 4, 0};
  expected.orders[3] = {1, 3, 0};
  expected.orders[4] = {0, 2, 0};
  expected.orders[5] = {0, 1, 0};
  expected.orders[6] = {2, 3, 1};
  expected.orders[7] = {1, 2, 0};
  EXPECT_EQ(statistics, expected);
}

TEST(Chrf, ScoreOfHandWorkedStatistics) {
  ChrfStatistics statistics;
  statistics.orders[0] = {4, 5, 3};
  statistics.orders[1] = {3, 4, 1};
  statistics.orders[2] = {0, 3, 0};  // not an order that both sides have
  const double precision = (3.0 / 4.0 + 1.0 / 3.0) / 2.0;
  const double recall = (3.0 / 5.0 + 1.0 / 4.0) / 2.0;
  EXPECT_NEAR(Chrf().score(statistics),
              100.0 * 5.0 * precision * recall / (4.0 * precision + recall), 1e-9);
}

TEST(Chrf, ShortReferenceDoesNotCountAgainstTheHypothesis) {
  const ChrfStatistics statistics = Chrf().statistics("abcdef", Strings{"ab"});
  EXPECT_EQ(statistics.orders[1].hypothesis, 5);
  EXPECT_EQ(statistics.orders[2].hypothesis, 0);
}

TEST(Chrf, CodePointsAreCharacters) {
  const ChrfStatistics statistics = Chrf().statistics(
      "\xF0\x9F\x98\x80"
      "語",
      Strings{"語"});
  EXPECT_EQ(statistics.orders[0], (ChrfStatistics::Order{2, 1, 1}));
}

TEST(Chrf, TakesTheReferenceThatScoresBest) {
  const Strings references = {"xyz", "abcd", "abcd e"};
  EXPECT_EQ(Chrf().statistics("abcd", references), Chrf().statistics("abcd", Strings{"abcd"}));
}

TEST(Chrf, StatisticsAddAndSubtract) {
  const Chrf chrf(with_word_order(2));
  const ChrfStatistics one = chrf.statistics("the cat sat", Strings{"the cat sat ."});
  const ChrfStatistics other = chrf.statistics("mat on the cat", Strings{"the mat"});
  ChrfStatistics sum = one;
  sum += other;
  EXPECT_NE(sum, one);
  sum -= other;
  EXPECT_EQ(sum, one);
}

TEST(Chrf, NothingToCompareIsZeroAndEqualTextIsAHundred) {
  EXPECT_EQ(corpus_chrf({}, {}), 0.0);
  EXPECT_EQ(corpus_chrf(Strings{""}, Strings{"abc"}), 0.0);
  EXPECT_EQ(corpus_chrf(Strings{"abc"}, Strings{" \t"}), 0.0);
  EXPECT_NEAR(corpus_chrf(Strings{"the cat", "a"}, Strings{"the cat", "a"}), 100.0, 1e-9);
}

TEST(Chrf, RefusesWhatIsOutOfRange) {
  EXPECT_THROW(corpus_chrf(Strings{"a", "b"}, Strings{"a"}), std::invalid_argument);
  EXPECT_THROW(Chrf().statistics("a", {}), std::invalid_argument);
  EXPECT_THROW(Chrf{with_word_order(3)}, std::invalid_argument);
  ChrfOptions options;
  options.char_order = 7;
  EXPECT_THROW(Chrf{options}, std::invalid_argument);
  options.char_order = 0;
  EXPECT_THROW(Chrf{options}, std::invalid_argument);
  options = {};
  options.beta = 0;
  EXPECT_THROW(Chrf{options}, std::invalid_argument);
}

}  // namespace
}  // namespace heed
