#include "data/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>
#include <vector>

namespace heed {
namespace {

using ::testing::ElementsAre;

// The first numbers of the reference implementation (Sebastiano Vigna, splitmix64.c) with this
// seed.
TEST(SplitMix64, GivesTheReferenceNumbers) {
  SplitMix64 random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317ULL);
  EXPECT_EQ(random.next(), 3203168211198807973ULL);
  EXPECT_EQ(random.next(), 9817491932198370423ULL);
  EXPECT_EQ(random.next(), 4593380528125082431ULL);
  EXPECT_EQ(random.next(), 16408922859458223821ULL);
}

TEST(SplitMix64, StreamsOfASeedDiffer) {
  std::set<std::uint64_t> firsts;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (std::uint64_t stream = 0; stream < 100; ++stream) {
      firsts.insert(SplitMix64(seed, stream).next());
    }
  }
  EXPECT_EQ(firsts.size(), 10'000U);
}

TEST(SplitMix64, UniformBelowStaysBelowAndReachesAll) {
  SplitMix64 random(5);
  EXPECT_EQ(random.uniform_below(1), 0U);
  std::array<int, 6> counts{};
  for (int i = 0; i < 60'000; ++i) ++counts.at(random.uniform_below(6));
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 5 * std::sqrt(60'000 * 5 / 36.0));
}

// With this bound, remainders of 64-bit numbers would fall below half of it twice as often as
// above.
TEST(SplitMix64, UniformBelowIsUnbiased) {
  constexpr std::uint64_t kBound = 0xC000000000000000ULL;
  SplitMix64 random(6);
  int low = 0;
  for (int i = 0; i < 10'000; ++i) low += random.uniform_below(kBound) < kBound / 3;
  EXPECT_NEAR(low, 3333, 5 * std::sqrt(10'000 * 2 / 9.0));
}

TEST(Shuffle, GivesEveryOrderEquallyOften) {
  SplitMix64 random(8);
  std::array<int, 6> counts{};
  for (int i = 0; i < 60'000; ++i) {
    std::array<int, 3> items = {0, 1, 2};
    shuffle(std::span<int>(items), random);
    ++counts.at(static_cast<std::size_t>(2 * items[0] + (items[1] > items[2])));
  }
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 5 * std::sqrt(60'000 * 5 / 36.0));
}

TEST(Shuffle, IsTheSameEverywhere) {
  SplitMix64 random(1);
  std::vector<int> items = {0, 1, 2, 3, 4, 5, 6, 7};
  shuffle(std::span(items), random);
  EXPECT_THAT(items, ElementsAre(4, 3, 2, 7, 5, 6, 0, 1));
}

TEST(Shuffle, TakesNothingAndOne) {
  SplitMix64 random(1);
  std::vector<int> none;
  shuffle(std::span(none), random);
  std::vector<int> one = {7};
  shuffle(std::span(one), random);
  EXPECT_THAT(one, ElementsAre(7));
}

}  // namespace
}  // namespace heed
