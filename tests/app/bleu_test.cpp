#include "app/evaluate/bleu.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "tests/support/metric_fixtures.h"

namespace heed {
namespace {

using Strings = std::vector<std::string>;

TEST(Bleu, EqualsSacrebleuOnFixtures) {
  const nlohmann::json corpora = read_metric_fixture("corpora.json").at("corpora");
  ASSERT_GT(corpora.size(), 10U);
  for (const nlohmann::json& corpus : corpora) {
    for (const nlohmann::json& expected : corpus.at("bleu")) {
      SCOPED_TRACE(corpus.at("name").get<std::string>() + ": " + expected.dump());
      BleuOptions options;
      options.tokenizer = tokenizer_named(expected.at("tokenizer").get<std::string>());
      options.lowercase = expected.at("lowercase").get<bool>();
      const Bleu bleu(options);
      const BleuScore score = bleu.score(corpus_statistics(bleu, corpus));
      EXPECT_NEAR(score.score, expected.at("score").get<double>(), 1e-9);
      EXPECT_NEAR(score.brevity_penalty, expected.at("brevity_penalty").get<double>(), 1e-12);
      EXPECT_EQ(score.hypothesis_length, expected.at("hypothesis_length").get<std::size_t>());
      EXPECT_EQ(score.reference_length, expected.at("reference_length").get<std::size_t>());
      for (std::size_t n = 0; n < kBleuOrders; ++n) {
        EXPECT_NEAR(score.precisions[n], expected.at("precisions").at(n).get<double>(), 1e-9);
      }
      EXPECT_EQ(bleu.signature(corpus.at("references").size()),
                expected.at("signature").get<std::string>());
    }
  }
}

TEST(Bleu, StatisticsOfAHandWorkedSegment) {
  const Strings references = {"the cat sat on the mat", "a cat is on the mat ."};
  const BleuStatistics statistics = Bleu().statistics("the the cat on the mat", references);
  BleuStatistics expected;
  expected.hypothesis_length = 6;
  expected.reference_length = 6;
  expected.matches = {5, 3, 1, 0};  // "the" twice at most; the cat, on the, the mat; on the mat
  expected.totals = {6, 5, 4, 3};
  EXPECT_EQ(statistics, expected);
}

TEST(Bleu, ScoreOfHandWorkedStatistics) {
  BleuStatistics statistics;
  statistics.hypothesis_length = 6;
  statistics.reference_length = 8;
  statistics.matches = {5, 3, 0, 0};
  statistics.totals = {6, 5, 4, 3};
  const BleuScore score = Bleu().score(statistics);
  const double penalty = std::exp(1.0 - 8.0 / 6.0);
  const double product = 5.0 / 6.0 * (3.0 / 5.0) * (0.5 / 4.0) * (0.25 / 3.0);
  EXPECT_NEAR(score.brevity_penalty, penalty, 1e-12);
  EXPECT_NEAR(score.score, 100.0 * penalty * std::pow(product, 0.25), 1e-9);
}

TEST(Bleu, ReferenceLengthIsTheClosestThenTheShortest) {
  const Strings references = {"a b c d e f g", "a b c", "a"};
  EXPECT_EQ(Bleu().statistics("a b c d e", references).reference_length, 3);
  EXPECT_EQ(Bleu().statistics("a b c d e f", references).reference_length, 7);
  EXPECT_EQ(Bleu().statistics("", references).reference_length, 1);
}

TEST(Bleu, StatisticsAddAndSubtract) {
  const Strings reference = {"the cat sat on the mat ."};
  const Bleu bleu;
  const BleuStatistics one = bleu.statistics("the cat sat", reference);
  const BleuStatistics other = bleu.statistics("a mat on the cat", reference);
  BleuStatistics sum = one;
  sum += other;
  EXPECT_NE(sum, one);
  sum -= other;
  EXPECT_EQ(sum, one);
}

TEST(Bleu, NothingToCompareIsZeroAndFinite) {
  EXPECT_EQ(corpus_bleu({}, {}).score, 0.0);
  EXPECT_EQ(corpus_bleu(Strings{""}, Strings{""}).score, 0.0);
  EXPECT_EQ(corpus_bleu(Strings{""}, Strings{"a b c d"}).brevity_penalty, 0.0);
  EXPECT_EQ(corpus_bleu(Strings{"a b c d"}, Strings{""}).score, 0.0);
}

TEST(Bleu, CorpusIsTheSumOfItsSegments) {
  const Strings hypotheses = {"the cat sat on a mat", "dogs bark"};
  const Strings references = {"the cat sat on the mat", "the dogs bark"};
  const Bleu bleu;
  BleuStatistics sum = bleu.statistics(hypotheses[0], std::span(references).subspan(0, 1));
  sum += bleu.statistics(hypotheses[1], std::span(references).subspan(1, 1));
  EXPECT_DOUBLE_EQ(corpus_bleu(hypotheses, references).score, bleu.score(sum).score);
  EXPECT_GT(bleu.score(sum).score, 0.0);
}

TEST(Bleu, IllFormedTextIsComparedAsReplacementCharacters) {
  const Strings hypothesis = {"a b c \xFF"};
  const Strings reference = {"a b c \xEF\xBF\xBD"};
  EXPECT_NEAR(corpus_bleu(hypothesis, reference).score, 100.0, 1e-9);
}

TEST(Bleu, RefusesWhatDoesNotBelongTogether) {
  EXPECT_THROW(corpus_bleu(Strings{"a", "b"}, Strings{"a"}), std::invalid_argument);
  EXPECT_THROW(Bleu().statistics("a", {}), std::invalid_argument);
}

}  // namespace
}  // namespace heed
