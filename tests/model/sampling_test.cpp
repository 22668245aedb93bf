#include "model/sampling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "tests/support/beam_search_testing.h"

namespace heed {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

SamplingOptions samples_of(std::int64_t count, std::int64_t max_length = 9,
                           const DrawOptions& draw = {}) {
  SamplingOptions options;
  options.num_samples = count;
  options.draw = draw;
  options.max_length_ratio = 0.0;
  options.max_length_offset = max_length;
  return options;
}

std::vector<Hypothesis> sample_one(const ScoreTable& table, const SamplingOptions& options,
                                   std::uint64_t seed = 1, const Ids& source = {kA}) {
  TableScorer scorer(kVocab, kBos, table);
  return sample(scorer, std::vector<Ids>{source}, options, std::vector<std::uint64_t>{seed}).at(0);
}

// "": 0.2, "a": 0.5, "b": 0.09, "b a": 0.21.
const ScoreTable kFour = by_hand({{{}, {{kA, 0.5}, {kB, 0.3}, {kEos, 0.2}}},
                                  {{kA}, {{kEos, 1.0}}},
                                  {{kB}, {{kA, 0.7}, {kEos, 0.3}}},
                                  {{kB, kA}, {{kEos, 1.0}}}});

/// Pearson's statistic of how often each output was drawn.
double chi_square(const std::vector<Hypothesis>& samples, const std::map<Ids, double>& expected) {
  std::map<Ids, double> counts;
  for (const Hypothesis& one : samples) {
    EXPECT_TRUE(expected.contains(one.tokens));
    ++counts[one.tokens];
  }
  double sum = 0.0;
  for (const auto& [tokens, probability] : expected) {
    const double mean = probability * static_cast<double>(samples.size());
    sum += (counts[tokens] - mean) * (counts[tokens] - mean) / mean;
  }
  return sum;
}

TEST(SamplingTest, OutputsComeAsOftenAsTheTableSays) {
  // Beyond 21.1 in one of 10,000 cases, at 3 degrees of freedom.
  const std::map<Ids, double> expected{{{}, 0.2}, {{kA}, 0.5}, {{kB}, 0.09}, {{kB, kA}, 0.21}};
  const auto of_one_seed = sample_one(kFour, samples_of(20'000), 5);
  ASSERT_EQ(of_one_seed.size(), 20'000U);
  EXPECT_LT(chi_square(of_one_seed, expected), 21.1);
  std::vector<Hypothesis> of_many_seeds;
  for (std::uint64_t seed = 0; seed < 5000; ++seed)
    of_many_seeds.push_back(sample_one(kFour, samples_of(1), seed).at(0));
  EXPECT_LT(chi_square(of_many_seeds, expected), 21.1);
}

TEST(SamplingTest, TemperatureAndFiltersChangeHowOften) {
  // Squared: 0.25, 0.09, 0.04 of 0.38 at first; after "b" 0.49 and 0.09 of 0.58.
  const std::map<Ids, double> sharp{{{}, 0.04 / 0.38},
                                    {{kA}, 0.25 / 0.38},
                                    {{kB}, 0.09 / 0.38 * 0.09 / 0.58},
                                    {{kB, kA}, 0.09 / 0.38 * 0.49 / 0.58}};
  EXPECT_LT(chi_square(sample_one(kFour, samples_of(20'000, 9, {.temperature = 0.5})), sharp),
            21.1);
  // The end is no more among the first two.
  const std::map<Ids, double> two{{{kA}, 0.625}, {{kB}, 0.375 * 0.3}, {{kB, kA}, 0.375 * 0.7}};
  EXPECT_LT(chi_square(sample_one(kFour, samples_of(20'000, 9, {.top_k = 2})), two), 18.5);
  // After "b" the first alone has 0.7.
  const std::map<Ids, double> nucleus{{{kA}, 0.625}, {{kB, kA}, 0.375}};
  EXPECT_LT(chi_square(sample_one(kFour, samples_of(20'000, 9, {.top_p = 0.7})), nucleus), 15.2);
}

TEST(SamplingTest, WithOneTokenToDrawFromIsGreedySearch) {
  for (std::uint32_t seed = 0; seed < 30; ++seed) {
    const ScoreTable table = random_table(kVocab, seed);
    const Hypothesis greedy = search(table, options_of(1, 9, 0.6)).at(0);
    for (const DrawOptions& draw :
         {DrawOptions{.top_k = 1}, DrawOptions{.top_p = 1e-9}, DrawOptions{.temperature = 1e-6}}) {
      SamplingOptions options = samples_of(3, 9, draw);
      options.length_penalty = 0.6;
      expect_same(sample_one(table, options, seed), {greedy, greedy, greedy});
    }
  }
}

TEST(SamplingTest, LogProbabilitiesAreTheModelsOwn) {
  std::set<Ids> seen;
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const ScoreTable table = random_table(kVocab, seed);
    ShiftedScorer scorer(kVocab, kBos, table);
    SamplingOptions options = samples_of(5, 6, {.temperature = 3.0, .top_k = 3, .top_p = 0.9});
    options.length_penalty = 0.7;
    const auto found =
        sample(scorer, std::vector<Ids>{{kA}}, options, std::vector<std::uint64_t>{seed});
    for (const Hypothesis& one : found.at(0)) {
      double log_prob = 0.0;
      for (std::size_t i = 0; i <= one.tokens.size(); ++i) {
        const Ids before(one.tokens.begin(), one.tokens.begin() + static_cast<std::ptrdiff_t>(i));
        const std::int32_t token = i < one.tokens.size() ? one.tokens[i] : kEos;
        log_prob += static_cast<double>(table({kA}, before)[static_cast<std::size_t>(token)]);
      }
      EXPECT_NEAR(one.log_prob, log_prob, 1e-5);
      EXPECT_DOUBLE_EQ(one.score, one.log_prob / length_penalty(std::ssize(one.tokens) + 1, 0.7));
      seen.insert(one.tokens);
    }
  }
  EXPECT_GT(seen.size(), 30U);
}

TEST(SamplingTest, NeitherTheBatchNorTheNumberOfSamplesChangesWhatIsDrawn) {
  for (std::uint32_t seed = 0; seed < 10; ++seed) {
    const ScoreTable table = random_table(kVocab, seed);
    const std::vector<Ids> sources{{kA}, {kB, kA, kB, kB}, {}, {kA, kA}, {kB}};
    const std::vector<std::uint64_t> seeds{7, 7, seed, 1ULL << 63, 0};
    SamplingOptions options = samples_of(6, 2, {.temperature = 1.3, .top_p = 0.95});
    options.max_length_ratio = 1.5;
    TableScorer scorer(kVocab, kBos, table);
    const auto together = sample(scorer, sources, options, seeds);
    EXPECT_EQ(scorer.rows_per_step().at(0), sources.size());
    EXPECT_LE(scorer.rows_per_step().at(1), 6 * sources.size());
    EXPECT_LT(scorer.rows_per_step().back(), scorer.rows_per_step().at(1));  // some have ended
    for (std::size_t index = 0; index < sources.size(); ++index) {
      const auto alone = sample_one(table, options, seeds[index], sources[index]);
      expect_same(together[index], alone);
      SamplingOptions fewer = options;
      fewer.num_samples = 2;
      expect_same({alone[0], alone[1]}, sample_one(table, fewer, seeds[index], sources[index]));
    }
  }
}

TEST(SamplingTest, SeedsAndNumbersMakeDifferentSamples) {
  const ScoreTable flat = [](const Ids&, const Ids&) {
    std::vector<float> row(kVocab, -1.0F);
    row[kEos] = kNever;
    return row;
  };
  std::set<Ids> seen;
  SamplingOptions options = samples_of(20, 30);
  options.min_length = 30;
  const ScoreTable ending = [=](const Ids& source, const Ids& prefix) {
    std::vector<float> row = flat(source, prefix);
    row[kEos] = -1.0F;
    return row;
  };
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    for (const Hypothesis& one : sample_one(ending, options, seed)) seen.insert(one.tokens);
  EXPECT_EQ(seen.size(), 400U);
  EXPECT_THAT(sample_one(flat, options), IsEmpty());  // none of them could end
}

TEST(SamplingTest, KeepsToTheLimits) {
  const ScoreTable endless = [](const Ids&, const Ids&) {
    return std::vector<float>{-0.5F, -1.0F, -0.5F, -9.0F, -1.0F, -2.0F};
  };
  SamplingOptions options = samples_of(200, 7, {.top_k = 3});
  for (const Hypothesis& one : sample_one(endless, options)) {
    EXPECT_THAT(one.tokens, Each(testing::AnyOf(kUnknown, kA, kB)));  // neither pad nor bos
    EXPECT_EQ(one.tokens.size(), 7U);
    EXPECT_LT(one.log_prob, -15.9);  // with the eos that had to come
  }
  options.forbidden_ids = {0, kBos, kUnknown, 99, -1};
  options.no_repeat_ngram = 2;
  for (const Hypothesis& one : sample_one(endless, options)) {
    EXPECT_THAT(one.tokens, Each(testing::AnyOf(kA, kB)));
    std::set<std::pair<std::int32_t, std::int32_t>> pairs;
    for (std::size_t i = 1; i < one.tokens.size(); ++i)
      EXPECT_TRUE(pairs.insert({one.tokens[i - 1], one.tokens[i]}).second);
  }
  const auto lengths = [&](std::int64_t min_length) {
    SamplingOptions least = samples_of(200, 3);
    least.min_length = min_length;
    std::set<std::size_t> found;
    for (const Hypothesis& one : sample_one(kFour, least)) found.insert(one.tokens.size());
    return found;
  };
  EXPECT_THAT(lengths(0), ElementsAre(0, 1, 2));
  EXPECT_THAT(lengths(1), ElementsAre(1, 2));
}

TEST(SamplingTest, SamplesBeginWithThePrefixAndAreScoredWithIt) {
  const std::vector<Ids> sources{{kA}, {kB}, {kA, kA}, {kB, kB}};
  const std::vector<Ids> prefixes{{}, {kB}, {kB, kA}, {kA, kA}};
  const std::vector<std::uint64_t> seeds{1, 2, 3, 4};
  for (const std::int64_t max_length : {9, 1}) {
    TableScorer scorer(kVocab, kBos, kFour);
    const auto found = sample(scorer, sources, samples_of(100, max_length), seeds, prefixes);
    std::map<Ids, int> counts;
    for (const Hypothesis& one : found[1]) {
      ++counts[one.tokens];
      EXPECT_NEAR(one.log_prob, std::log(one.tokens.size() == 1 ? 0.09 : 0.21), 1e-6);
    }
    EXPECT_EQ(counts[Ids{kB}] + counts[(Ids{kB, kA})], 100);
    EXPECT_NEAR(counts[Ids{kB}], max_length == 1 ? 100 : 30,
                max_length == 1 ? 0 : 4 * std::sqrt(100 * 0.3 * 0.7));
    ASSERT_EQ(found[2].size(), 100U);
    EXPECT_THAT(tokens_of(found[2]), Each(Ids{kB, kA}));
    EXPECT_NEAR(found[2][0].log_prob, std::log(0.21), 1e-6);
    EXPECT_THAT(found[3], IsEmpty());  // "a a" can't be
  }
}

TEST(SamplingTest, ADeadEndIsLeftOutAndLeavesItsNeighboursAlone) {
  // After "b" nothing can follow.
  const ScoreTable table = by_hand({{{}, {{kA, 0.5}, {kB, 0.5}}}, {{kA}, {{kEos, 1.0}}}});
  const auto found = sample_one(table, samples_of(200));
  EXPECT_THAT(tokens_of(found), Each(Ids{kA}));
  EXPECT_NEAR(static_cast<double>(found.size()), 100.0, 4 * std::sqrt(50.0));
}

TEST(SamplingTest, AsksForNoAttention) {
  TableScorer scorer(kVocab, kBos, kFour, [](const Ids&, const Ids&) -> std::vector<float> {
    throw std::logic_error("not asked for");
  });
  scorer.want_attention(true);
  EXPECT_EQ(sample(scorer, std::vector<Ids>{{kA}}, samples_of(2), std::vector<std::uint64_t>{1})
                .at(0)
                .size(),
            2U);
}

TEST(SamplingTest, RefusesWhatDoesNotFit) {
  TableScorer scorer(kVocab, kBos, kFour);
  const std::vector<Ids> sources{{kA}, {kB}};
  const std::vector<std::uint64_t> seeds{1, 2};
  EXPECT_THROW(sample(scorer, sources, samples_of(0), seeds), std::invalid_argument);
  EXPECT_THROW(sample(scorer, sources, samples_of(1, 9, {.top_p = 2.0}), seeds),
               std::invalid_argument);
  EXPECT_THROW(sample(scorer, sources, samples_of(1), std::vector<std::uint64_t>{1}),
               std::invalid_argument);
  EXPECT_THROW(sample(scorer, sources, samples_of(1), seeds, std::vector<Ids>{{}}),
               std::invalid_argument);
  EXPECT_THAT(sample(scorer, {}, samples_of(1), {}), IsEmpty());
}

}  // namespace
}  // namespace heed
