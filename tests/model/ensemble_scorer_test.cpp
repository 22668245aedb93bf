#include "model/ensemble_scorer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/beam_search_testing.h"

namespace heed {
namespace {

EnsembleScorer ensemble(const ScoreTable& first, const ScoreTable& second) {
  std::vector<std::unique_ptr<NextTokenScorer>> members;
  members.push_back(std::make_unique<TableScorer>(kVocab, kBos, first));
  members.push_back(std::make_unique<ShiftedScorer>(kVocab, kBos, second));
  return EnsembleScorer(std::move(members));
}

ScoreTable mean_of(const ScoreTable& first, const ScoreTable& second) {
  return [=](const Ids& source, const Ids& prefix) {
    std::vector<float> a = first(source, prefix);
    const std::vector<float> b = second(source, prefix);
    for (std::size_t i = 0; i < a.size(); ++i)
      a[i] = static_cast<float>(std::log((std::exp(a[i]) + std::exp(b[i])) / 2));
    return a;
  };
}

TEST(EnsembleScorerTest, SearchesTheMeanOfTheProbabilities) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const ScoreTable first = random_table(kVocab, 2 * seed);
    const ScoreTable second = random_table(kVocab, 2 * seed + 1);
    TableScorer mean(kVocab, kBos, mean_of(first, second));
    EnsembleScorer both = ensemble(first, second);
    const std::vector<Ids> sources{{kA}, {kB, kA}};
    const SearchOptions options = options_of(3, 6, 1.0, 3);
    const auto expected = beam_search(mean, sources, options);
    const auto found = beam_search(both, sources, options);
    for (std::size_t index = 0; index < sources.size(); ++index) {
      EXPECT_EQ(tokens_of(found[index]), tokens_of(expected[index]));
      EXPECT_NEAR(found[index].at(0).log_prob, expected[index].at(0).log_prob, 1e-5);
    }
  }
}

TEST(EnsembleScorerTest, WhatOneMemberRulesOutTheOtherMaySay) {
  const ScoreTable a = by_hand({{{}, {{kA, 1.0}}}, {{kA}, {{kEos, 1.0}}}});
  const ScoreTable b = by_hand({{{}, {{kB, 1.0}}}, {{kB}, {{kEos, 1.0}}}});
  EnsembleScorer both = ensemble(a, b);
  const auto found = beam_search(both, std::vector<Ids>{{kA}}, options_of(2, 1, 0.0, 2)).at(0);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_NEAR(found[0].log_prob, 2 * std::log(0.5), 1e-6);
}

TEST(EnsembleScorerTest, AttentionIsTheMeanOfTheMembers) {
  const ScoreTable table = random_table(kVocab, 1);
  const auto looking = [](float first) -> AttentionTable {
    return [=](const Ids&, const Ids& prefix) {
      const float weight = first / static_cast<float>(prefix.size() + 1);
      return std::vector<float>{weight, 1.0F - weight};
    };
  };
  const auto ensemble_of = [&](const AttentionTable& one, const AttentionTable& other) {
    std::vector<std::unique_ptr<NextTokenScorer>> members;
    members.push_back(std::make_unique<TableScorer>(kVocab, kBos, table, one));
    members.push_back(std::make_unique<TableScorer>(kVocab, kBos, table, other));
    return EnsembleScorer(std::move(members));
  };
  EnsembleScorer both = ensemble_of(looking(0.8F), looking(0.2F));
  EXPECT_TRUE(both.gives_attention());
  both.want_attention(true);
  both.start(std::vector<Ids>{{kA}});
  scores_of(both, {kBos}, {0});
  EXPECT_THAT(both.attention(0), testing::ElementsAre(0.5F, 0.5F));
  scores_of(both, {kA, kB}, {0, 0});
  EXPECT_THAT(both.attention(1), testing::ElementsAre(0.25F, 0.75F));
  EXPECT_FALSE(ensemble_of(looking(0.8F), nullptr).gives_attention());
}

TEST(EnsembleScorerTest, RefusesMembersThatDoNotFit) {
  EXPECT_THROW(EnsembleScorer({}), std::invalid_argument);
  std::vector<std::unique_ptr<NextTokenScorer>> members;
  members.push_back(std::make_unique<TableScorer>(kVocab, kBos, random_table(kVocab, 1)));
  members.push_back(std::make_unique<TableScorer>(kVocab + 1, kBos, random_table(kVocab + 1, 1)));
  EXPECT_THROW(EnsembleScorer(std::move(members)), std::invalid_argument);
}

}  // namespace
}  // namespace heed
