#include "app/attribution/rank_correlation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace heed {
namespace {

using Values = std::vector<float>;
using Ranks = std::vector<double>;

TEST(AverageRanksTest, EqualValuesShareTheMeanOfTheirRanks) {
  EXPECT_EQ(average_ranks(Values{}), Ranks{});
  EXPECT_EQ(average_ranks(Values{7}), Ranks{1});
  EXPECT_EQ(average_ranks(Values{0.3F, -1, 0.3F, 0.2F}), (Ranks{3.5, 1, 3.5, 2}));
  EXPECT_EQ(average_ranks(Values{2, 2, 2}), (Ranks{2, 2, 2}));
  EXPECT_EQ(average_ranks(Values{5, 1, 5, 5, 0}), (Ranks{4, 2, 4, 4, 1}));
}

TEST(RankCorrelationTest, EqualsWhatHandsWorkedOut) {
  // Without ties 1 - 6 * (sum of squared differences) / (n (n^2 - 1)) = 1 - 6 * 2 / 60.
  EXPECT_NEAR(*rank_correlation(Values{1, 2, 3, 4}, Values{10, 30, 20, 40}), 0.8, 1e-12);
  // Ranks 1, 2.5, 2.5, 4 and 2, 1, 3, 4; from their mean: -1.5, 0, 0, 1.5 and -0.5, -1.5, 0.5, 1.5.
  EXPECT_NEAR(*rank_correlation(Values{1, 2, 2, 3}, Values{2, 1, 3, 4}), 3 / std::sqrt(4.5 * 5),
              1e-12);
  // Ranks 1.5, 1.5, 3, 4 and 2.5, 1, 2.5, 4; from their mean -1, -1, 0.5, 1.5 and 0, -1.5, 0, 1.5.
  EXPECT_NEAR(*rank_correlation(Values{0, 0, 1, 2}, Values{5, 4, 5, 9}), 3.75 / 4.5, 1e-12);
}

TEST(RankCorrelationTest, LooksAtTheOrderAlone) {
  const Values values{0.5F, -3, 2, 0.25F, 9};
  Values grown;
  for (const float value : values) grown.push_back(value * value * value + 100);
  Values turned;
  for (const float value : values) turned.push_back(-value);
  EXPECT_NEAR(*rank_correlation(values, grown), 1, 1e-12);
  EXPECT_NEAR(*rank_correlation(values, turned), -1, 1e-12);
  EXPECT_EQ(rank_correlation(values, Values{1, 2, 3, 4, 5}),
            rank_correlation(Values{1, 2, 3, 4, 5}, values));
}

TEST(RankCorrelationTest, SaysWhenItIsUndefined) {
  EXPECT_FALSE(rank_correlation(Values{}, Values{}).has_value());
  EXPECT_FALSE(rank_correlation(Values{1}, Values{1}).has_value());
  EXPECT_FALSE(rank_correlation(Values{3, 3, 3}, Values{1, 2, 3}).has_value());
  EXPECT_FALSE(rank_correlation(Values{1, 2, 3}, Values{0, 0, 0}).has_value());
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(rank_correlation(Values{1, kNan, 3}, Values{1, 2, 3}).has_value());
  EXPECT_FALSE(rank_correlation(Values{1, 2, 3}, Values{-kInfinity, 2, 3}).has_value());
  EXPECT_THROW(rank_correlation(Values{1, 2}, Values{1, 2, 3}), std::invalid_argument);
}

}  // namespace
}  // namespace heed
