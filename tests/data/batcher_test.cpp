#include "data/batcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "data/random.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Lengths = std::vector<PairLength>;

Lengths random_lengths(std::size_t size) {
  SplitMix64 random(21);
  Lengths lengths(size);
  for (PairLength& length : lengths) {
    length.src = static_cast<std::uint32_t>(1 + random.uniform_below(40));
    length.tgt = static_cast<std::uint32_t>(1 + length.src / 2 + random.uniform_below(length.src));
  }
  return lengths;
}

std::size_t cost(const Batch& batch, const Lengths& lengths) {
  std::uint32_t longest = 0;
  for (const std::uint32_t index : batch) {
    longest = std::max({longest, lengths[index].src + 1, lengths[index].tgt + 1});
  }
  return batch.size() * longest;
}

std::vector<std::uint32_t> sorted_indices(const std::vector<Batch>& batches) {
  std::vector<std::uint32_t> indices;
  for (const Batch& batch : batches) indices.insert(indices.end(), batch.begin(), batch.end());
  std::sort(indices.begin(), indices.end());
  return indices;
}

void expect_each_once(const std::vector<Batch>& batches, std::size_t size) {
  std::vector<std::uint32_t> all(size);
  std::iota(all.begin(), all.end(), 0U);
  EXPECT_EQ(sorted_indices(batches), all);
}

std::set<std::set<std::uint32_t>> as_sets(const std::vector<Batch>& batches) {
  std::set<std::set<std::uint32_t>> sets;
  for (const Batch& batch : batches) sets.emplace(batch.begin(), batch.end());
  return sets;
}

// Costs: two pairs of longest side 4 are 2 * 5 = 10 tokens, three of longest side 2 are 9.
TEST(PlanBatches, GroupsPairsOfLikeLength) {
  const Lengths lengths = {{4, 4}, {1, 2}, {4, 3}, {2, 2}, {2, 1}};
  const std::set<std::set<std::uint32_t>> expected = {{0, 2}, {1, 3, 4}};
  for (std::uint64_t epoch = 0; epoch < 20; ++epoch) {
    EXPECT_EQ(as_sets(plan_batches(lengths, {10, 0, 1}, epoch)), expected);
  }
}

TEST(PlanBatches, KeepsItsLimits) {
  const Lengths lengths = random_lengths(3000);
  for (const std::size_t max_sentences : {0, 1, 7}) {
    const auto batches = plan_batches(lengths, {500, max_sentences, 3}, 2);
    expect_each_once(batches, lengths.size());
    for (const Batch& batch : batches) {
      EXPECT_LE(cost(batch, lengths), 500U);
      EXPECT_FALSE(batch.empty());
      if (max_sentences != 0) {
        EXPECT_LE(batch.size(), max_sentences);
      }
    }
  }
}

TEST(PlanBatches, ALongPairHasABatchOfItsOwn) {
  const Lengths lengths = {{1, 1}, {100, 1}, {1, 200}, {1, 1}};
  const std::set<std::set<std::uint32_t>> expected = {{0, 3}, {1}, {2}};
  EXPECT_EQ(as_sets(plan_batches(lengths, {20, 0, 1}, 0)), expected);
}

TEST(PlanBatches, DependsOnSeedAndEpochAlone) {
  const Lengths lengths = random_lengths(500);
  const BatchOptions options{300, 0, 9};
  EXPECT_EQ(plan_batches(lengths, options, 4), plan_batches(lengths, options, 4));
  EXPECT_NE(plan_batches(lengths, options, 4), plan_batches(lengths, options, 5));
  EXPECT_NE(plan_batches(lengths, options, 4), plan_batches(lengths, {300, 0, 10}, 4));
}

// Pairs of equal length meet others in every epoch.
TEST(PlanBatches, MixesPairsAnew) {
  const Lengths lengths(100, PairLength{3, 3});
  EXPECT_NE(as_sets(plan_batches(lengths, {40, 0, 1}, 0)),
            as_sets(plan_batches(lengths, {40, 0, 1}, 1)));
}

TEST(PlanBatches, ShufflesTheOrderOfBatches) {
  const Lengths lengths = random_lengths(2000);
  std::vector<std::uint32_t> longest;
  for (const Batch& batch : plan_batches(lengths, {500, 0, 1}, 0)) {
    longest.push_back(lengths[batch.front()].tgt);
  }
  EXPECT_FALSE(std::is_sorted(longest.begin(), longest.end()));
}

// Pinned: another compiler or library must not make another plan.
TEST(PlanBatches, IsTheSameOnEveryMachine) {
  const Lengths lengths = {{3, 4}, {9, 8}, {3, 3}, {7, 9}, {1, 2}, {4, 4}, {8, 8}, {2, 2}};
  EXPECT_THAT(plan_batches(lengths, {20, 0, 1}, 0),
              ElementsAre(ElementsAre(4, 7, 2, 0), ElementsAre(6, 3), ElementsAre(5, 1)));
  EXPECT_THAT(plan_batches(lengths, {20, 0, 1}, 1),
              ElementsAre(ElementsAre(5, 1), ElementsAre(4, 7, 2, 0), ElementsAre(6, 3)));
}

TEST(PlanBatches, TakesNothing) {
  EXPECT_THAT(plan_batches({}, {}, 0), IsEmpty());
  EXPECT_THROW(plan_batches({}, {0, 0, 1}, 0), std::invalid_argument);
}

TEST(PlanBatches, PadsLittle) {
  const Lengths lengths = random_lengths(20'000);
  EXPECT_LT(padding_ratio(plan_batches(lengths, {4096, 0, 1}, 0), lengths), 0.12);
}

// Longest sides with eos: 3, 7, 3, 4, 7. The first two cost 14 of 15, the next three 12.
TEST(SortedBatches, BeginWithTheLongest) {
  const Lengths lengths = {{2, 2}, {6, 1}, {2, 1}, {3, 0}, {1, 6}};
  EXPECT_THAT(sorted_batches(lengths, 15, 0), ElementsAre(ElementsAre(4, 1), ElementsAre(3, 0, 2)));
  EXPECT_THAT(sorted_batches(lengths, 15, 2),
              ElementsAre(ElementsAre(4, 1), ElementsAre(3, 0), ElementsAre(2)));
  EXPECT_THAT(
      sorted_batches(lengths, 1, 0),
      ElementsAre(ElementsAre(4), ElementsAre(1), ElementsAre(3), ElementsAre(0), ElementsAre(2)));
}

TEST(SortedBatches, KeepTheOrderOfEquals) {
  const Lengths lengths(5, PairLength{2, 0});
  EXPECT_THAT(sorted_batches(lengths, 9, 0), ElementsAre(ElementsAre(0, 1, 2), ElementsAre(3, 4)));
}

TEST(SortedBatches, TakeTheChosenOnes) {
  const Lengths lengths = {{2, 2}, {6, 1}, {2, 1}, {3, 0}, {1, 6}};
  EXPECT_THAT(sorted_batches({0, 2, 4}, lengths, 15, 0),
              ElementsAre(ElementsAre(4, 0), ElementsAre(2)));
}

TEST(SortedBatches, TakeNothing) {
  EXPECT_THAT(sorted_batches({}, 10, 0), IsEmpty());
  EXPECT_THROW(sorted_batches({}, 0, 0), std::invalid_argument);
}

// Tokens of both sides with eos: 10, 4, 6, 5, 7. Largest first: 10 | 7; 6 -> second (13);
// 5 -> first (15); 4 -> second (17).
TEST(SplitBatch, BalancesTokens) {
  const Lengths lengths = {{4, 4}, {1, 1}, {2, 2}, {1, 2}, {3, 2}};
  const Batch batch = {0, 1, 2, 3, 4};
  EXPECT_THAT(split_batch(batch, lengths, 2), ElementsAre(ElementsAre(0, 3), ElementsAre(4, 2, 1)));
  EXPECT_THAT(split_batch(batch, lengths, 1), ElementsAre(ElementsAre(0, 4, 2, 3, 1)));
}

TEST(SplitBatch, IndicesPointIntoTheCorpus) {
  const Lengths lengths = {{1, 1}, {9, 9}, {1, 1}, {5, 5}};
  EXPECT_THAT(split_batch(Batch{3, 1}, lengths, 2), ElementsAre(ElementsAre(1), ElementsAre(3)));
}

TEST(SplitBatch, PartsMayBeEmpty) {
  const Lengths lengths = {{1, 1}};
  EXPECT_THAT(split_batch(Batch{0}, lengths, 3), ElementsAre(ElementsAre(0), IsEmpty(), IsEmpty()));
  EXPECT_THAT(split_batch({}, lengths, 2), ElementsAre(IsEmpty(), IsEmpty()));
  EXPECT_THROW(split_batch(Batch{0}, lengths, 0), std::invalid_argument);
}

TEST(SplitBatch, PartsOfALargeBatchAreNearlyEqual) {
  const Lengths lengths = random_lengths(200);
  Batch batch(200);
  std::iota(batch.begin(), batch.end(), 0U);
  const auto shards = split_batch(batch, lengths, 3);
  expect_each_once(shards, 200);
  std::vector<std::size_t> tokens;
  for (const Batch& shard : shards) {
    tokens.push_back(0);
    for (const std::uint32_t i : shard) tokens.back() += lengths[i].src + lengths[i].tgt + 2;
  }
  const auto [least, most] = std::minmax_element(tokens.begin(), tokens.end());
  EXPECT_LE(*most - *least, 10U);
}

// Two pairs of 2+2 and 4+4 positions: 4 of the 16 positions are padding.
TEST(PaddingRatio, CountsBothSidesWithEos) {
  const Lengths lengths = {{1, 1}, {3, 3}};
  EXPECT_DOUBLE_EQ(padding_ratio(std::vector<Batch>{{0, 1}}, lengths), 0.25);
  EXPECT_DOUBLE_EQ(padding_ratio(std::vector<Batch>{{0}, {1}}, lengths), 0.0);
  EXPECT_DOUBLE_EQ(padding_ratio({}, lengths), 0.0);
}

}  // namespace
}  // namespace heed
