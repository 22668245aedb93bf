#include "model/token_distribution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>

namespace heed {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::vector<float> logarithms(const std::vector<double>& probabilities) {
  std::vector<float> scores(probabilities.size());
  std::transform(probabilities.begin(), probabilities.end(), scores.begin(),
                 [](double probability) { return static_cast<float>(std::log(probability)); });
  return scores;
}

/// Each token's part of [0, 1): its probability to one in `steps`.
std::map<std::int32_t, double> parts(TokenDistribution& distribution, std::span<const float> scores,
                                     int steps = 10'000) {
  std::map<std::int32_t, double> parts;
  EXPECT_TRUE(distribution.read(scores));
  for (int i = 0; i < steps; ++i) parts[distribution.draw((i + 0.5) / steps)] += 1.0 / steps;
  return parts;
}

std::map<std::int32_t, double> parts_by(const DrawOptions& options,
                                        const std::vector<double>& probabilities) {
  TokenDistribution distribution(options);
  return parts(distribution, logarithms(probabilities));
}

auto is_near(double probability) {
  return testing::DoubleNear(probability, 2e-4);
}

const std::vector<double> kHalves{0.125, 0.5, 0.125, 0.25};

TEST(TokenDistributionTest, DrawsEachTokenByItsProbability) {
  EXPECT_THAT(parts_by({}, kHalves), ElementsAre(Pair(0, is_near(0.125)), Pair(1, is_near(0.5)),
                                                 Pair(2, is_near(0.125)), Pair(3, is_near(0.25))));
}

TEST(TokenDistributionTest, TemperatureMakesSharperOrFlatter) {
  // 0.64^2 = 0.4096 beside 0.36^2 = 0.1296; their roots are 0.8 and 0.6.
  EXPECT_THAT(parts_by({.temperature = 0.5}, {0.64, 0.36}),
              ElementsAre(Pair(0, is_near(0.4096 / 0.5392)), Pair(1, is_near(0.1296 / 0.5392))));
  EXPECT_THAT(parts_by({.temperature = 2.0}, {0.64, 0.36}),
              ElementsAre(Pair(0, is_near(4.0 / 7.0)), Pair(1, is_near(3.0 / 7.0))));
}

TEST(TokenDistributionTest, TopKKeepsTheFirstRanked) {
  EXPECT_THAT(parts_by({.top_k = 1}, kHalves), ElementsAre(Pair(1, is_near(1.0))));
  EXPECT_THAT(parts_by({.top_k = 2}, kHalves),
              ElementsAre(Pair(1, is_near(2.0 / 3.0)), Pair(3, is_near(1.0 / 3.0))));
  // Of equals the lower token.
  EXPECT_THAT(parts_by({.top_k = 3}, kHalves),
              ElementsAre(Pair(0, is_near(1.0 / 7.0)), Pair(1, is_near(4.0 / 7.0)),
                          Pair(3, is_near(2.0 / 7.0))));
  EXPECT_EQ(parts_by({.top_k = 4}, kHalves), parts_by({}, kHalves));
  EXPECT_EQ(parts_by({.top_k = 99}, kHalves), parts_by({}, kHalves));
}

TEST(TokenDistributionTest, TopPKeepsTheFewestThatReachIt) {
  EXPECT_THAT(parts_by({.top_p = 1e-9}, kHalves), ElementsAre(Pair(1, is_near(1.0))));
  EXPECT_THAT(parts_by({.top_p = 0.5}, kHalves), ElementsAre(Pair(1, is_near(1.0))));
  EXPECT_THAT(parts_by({.top_p = 0.51}, kHalves),
              ElementsAre(Pair(1, is_near(2.0 / 3.0)), Pair(3, is_near(1.0 / 3.0))));
  EXPECT_EQ(parts_by({.top_p = 0.75}, kHalves), parts_by({.top_p = 0.51}, kHalves));
  EXPECT_THAT(parts_by({.top_p = 0.76}, kHalves),
              ElementsAre(Pair(0, is_near(1.0 / 7.0)), Pair(1, is_near(4.0 / 7.0)),
                          Pair(3, is_near(2.0 / 7.0))));
  EXPECT_EQ(parts_by({.top_p = 0.88}, kHalves).size(), 4U);
  // Equal to it but for rounding: of ten tokens seven.
  EXPECT_EQ(parts_by({.top_p = 0.7}, std::vector<double>(10, 0.1)).size(), 7U);
}

TEST(TokenDistributionTest, TopPIsOfWhatTopKLeaves) {
  // Of the first three the first two have 0.7 / 0.9 = 0.78; of all they have 0.7.
  const std::vector<double> probabilities{0.4, 0.3, 0.2, 0.1};
  EXPECT_EQ(parts_by({.top_p = 0.75}, probabilities).size(), 3U);
  EXPECT_THAT(parts_by({.top_k = 3, .top_p = 0.75}, probabilities),
              ElementsAre(Pair(0, is_near(4.0 / 7.0)), Pair(1, is_near(3.0 / 7.0))));
}

TEST(TokenDistributionTest, TopPIsOfTemperedProbabilities) {
  // 0.64 becomes 0.76.
  EXPECT_EQ(parts_by({.top_p = 0.75}, {0.64, 0.36}).size(), 2U);
  EXPECT_EQ(parts_by({.temperature = 0.5, .top_p = 0.75}, {0.64, 0.36}).size(), 1U);
}

/// The same by sorting, in double precision.
std::map<std::int32_t, double> by_sorting(const DrawOptions& options,
                                          std::span<const float> scores) {
  std::vector<std::int32_t> ids(scores.size());
  std::iota(ids.begin(), ids.end(), 0);
  const auto score = [&](std::int32_t id) { return scores[static_cast<std::size_t>(id)]; };
  std::stable_sort(ids.begin(), ids.end(),
                   [&](std::int32_t a, std::int32_t b) { return score(a) > score(b); });
  if (options.top_k > 0) ids.resize(std::min(ids.size(), static_cast<std::size_t>(options.top_k)));
  std::vector<double> weights(ids.size());
  std::transform(ids.begin(), ids.end(), weights.begin(), [&](std::int32_t id) {
    return std::exp(static_cast<double>(score(id) - score(ids[0])) / options.temperature);
  });
  const double enough = options.top_p * std::accumulate(weights.begin(), weights.end(), 0.0);
  double sum = 0.0;
  std::size_t count = 0;
  while (count < ids.size() && (count == 0 || sum < enough)) sum += weights[count++];
  std::map<std::int32_t, double> probabilities;
  for (std::size_t i = 0; i < count; ++i) probabilities[ids[i]] = weights[i] / sum;
  return probabilities;
}

TEST(TokenDistributionTest, EqualsSortingOnLongRows) {
  std::mt19937 random(1);
  for (const double spread : {0.5, 3.0}) {
    std::normal_distribution<double> logit(-4.0, spread);
    std::vector<float> scores(5000);
    for (float& score : scores) score = static_cast<float>(logit(random));
    for (const double temperature : {0.7, 1.0, 2.0})
      for (const std::int64_t top_k : {0, 1, 40, 100, 1000})
        for (const double top_p : {0.3, 0.9, 0.999, 1.0}) {
          SCOPED_TRACE(testing::Message()
                       << spread << ", " << temperature << ", " << top_k << ", " << top_p);
          const DrawOptions options{temperature, top_k, top_p};
          TokenDistribution distribution(options);
          constexpr int kSteps = 20'000;
          const auto found = parts(distribution, scores, kSteps);
          auto expected = by_sorting(options, scores);
          for (const auto& [token, part] : found) {
            ASSERT_TRUE(expected.contains(token)) << token;
            expected[token] -= part;
          }
          for (const auto& [token, difference] : expected)
            EXPECT_NEAR(difference, 0.0, 1.5 / kSteps) << token;
        }
  }
}

TEST(TokenDistributionTest, WhatIsImpossibleIsNeverDrawn) {
  const float never = -std::numeric_limits<float>::infinity();
  const std::vector<float> scores{never, -1.0F, never, -1.0F, never};
  for (const DrawOptions& options :
       {DrawOptions{}, DrawOptions{.temperature = 3.0}, DrawOptions{.top_k = 4},
        DrawOptions{.top_p = 0.99}, DrawOptions{.top_k = 3, .top_p = 0.99}}) {
    TokenDistribution distribution(options);
    ASSERT_TRUE(distribution.read(scores));
    EXPECT_EQ(distribution.draw(0.0), 1);
    std::map<std::int32_t, double> drawn = parts(distribution, scores);
    EXPECT_THAT(drawn, ElementsAre(Pair(1, is_near(0.5)), Pair(3, is_near(0.5))));
    EXPECT_EQ(distribution.draw(std::nextafter(1.0, 0.0)), 3);
    EXPECT_FALSE(distribution.read(std::vector<float>(5, never)));
    EXPECT_FALSE(distribution.read(std::vector<float>(5, std::nanf(""))));
  }
}

TEST(TokenDistributionTest, ALowTemperatureLeavesTheLargest) {
  std::vector<float> scores(1000, -9.0F);
  scores[500] = -8.99F;
  for (const double temperature : {1e-5, 1e-60}) {
    TokenDistribution distribution({.temperature = temperature});
    EXPECT_THAT(parts(distribution, scores), ElementsAre(Pair(500, is_near(1.0))));
    EXPECT_EQ(distribution.draw(std::nextafter(1.0, 0.0)), 500);
  }
  TokenDistribution hot({.temperature = 1e60});
  EXPECT_EQ(parts(hot, scores).size(), 1000U);
}

TEST(TokenDistributionTest, RefusesOptionsOutOfRange) {
  for (const DrawOptions& options :
       {DrawOptions{.temperature = 0.0}, DrawOptions{.temperature = -1.0},
        DrawOptions{.temperature = std::nan("")},
        DrawOptions{.temperature = std::numeric_limits<double>::infinity()},
        DrawOptions{.top_k = -1}, DrawOptions{.top_p = 0.0}, DrawOptions{.top_p = 1.1},
        DrawOptions{.top_p = std::nan("")}})
    EXPECT_THROW(TokenDistribution{options}, std::invalid_argument);
}

}  // namespace
}  // namespace heed
