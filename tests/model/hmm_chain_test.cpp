#include "model/word_alignment/hmm_chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace heed {
namespace {

using ::testing::Each;
using ::testing::IsEmpty;

constexpr double kNullProbability = 0.3;

std::vector<float> draw(std::mt19937& random, std::size_t count) {
  std::uniform_real_distribution<float> value(0.01F, 1.0F);
  std::vector<float> values(count);
  for (float& each : values) each = value(random);
  return values;
}

Emissions draw_emissions(std::mt19937& random, std::size_t states, std::size_t words) {
  return {states, words, draw(random, words * states), draw(random, words)};
}

JumpTable draw_jumps(std::mt19937& random) {
  const std::vector<float> drawn = draw(random, JumpTable::kSize);
  return JumpTable(std::vector<double>(drawn.begin(), drawn.end()));
}

/// All ways to give each word a state, linked to it or not, one by one in double.
class Enumeration {
 public:
  Enumeration(const JumpTable& jumps, const Emissions& emissions)
      : posteriors(emissions.words * emissions.states, 0.0),
        jump_counts(JumpTable::kSize, 0.0),
        jumps_(jumps),
        emissions_(emissions) {
    go_on(1.0);
    for (double& value : posteriors) value /= total_;
    for (double& value : jump_counts) value /= total_;
  }

  std::vector<double> posteriors, jump_counts;

 private:
  struct Choice {
    int state;
    bool is_linked;
  };

  double move(int from, int to) const {
    double sum = 0.0;
    for (int state = 0; state < static_cast<int>(emissions_.states); ++state)
      sum += static_cast<double>(jumps_.weight(state - from));
    return static_cast<double>(jumps_.weight(to - from)) / sum;
  }

  double step(const Choice& next) const {
    const std::size_t word = path_.size();
    const bool is_first = path_.empty();
    const int before = is_first ? -1 : path_.back().state;
    const auto place = word * emissions_.states + static_cast<std::size_t>(next.state);
    if (next.is_linked)
      return move(before, next.state) * (1.0 - kNullProbability) *
             static_cast<double>(emissions_.of_state[place]);
    const double stays = is_first ? move(before, next.state) : next.state == before ? 1.0 : 0.0;
    return stays * kNullProbability * static_cast<double>(emissions_.of_null[word]);
  }

  void go_on(double probability) {
    if (probability == 0.0) return;
    if (path_.size() == emissions_.words) return count(probability);
    for (int state = 0; state < static_cast<int>(emissions_.states); ++state) {
      for (const bool is_linked : {true, false}) {
        const double next = probability * step({state, is_linked});
        path_.push_back({state, is_linked});
        go_on(next);
        path_.pop_back();
      }
    }
  }

  void count(double probability) {
    total_ += probability;
    for (std::size_t word = 0; word < path_.size(); ++word) {
      if (!path_[word].is_linked) continue;
      const auto state = static_cast<std::size_t>(path_[word].state);
      posteriors[word * emissions_.states + state] += probability;
      if (word == 0) continue;
      const int jump =
          std::clamp(path_[word].state - path_[word - 1].state, -JumpTable::kFar, JumpTable::kFar);
      jump_counts[static_cast<std::size_t>(jump + JumpTable::kFar)] += probability;
    }
  }

  const JumpTable& jumps_;
  const Emissions& emissions_;
  std::vector<Choice> path_;
  double total_ = 0.0;
};

TEST(JumpTableTest, IsRelativeFrequenciesWithAllJumpsPossible) {
  std::vector<double> counts(JumpTable::kSize, 0.0);
  counts[static_cast<std::size_t>(JumpTable::kFar + 1)] = 3.0;
  counts.front() = 1.0;
  const JumpTable jumps(counts);
  EXPECT_FLOAT_EQ(jumps.weight(1), 3.001F / 4.021F);
  EXPECT_FLOAT_EQ(jumps.weight(0), 0.001F / 4.021F);
  EXPECT_FLOAT_EQ(jumps.weight(-10), 1.001F / 4.021F);
  EXPECT_EQ(jumps.weight(-11), jumps.weight(-10));
  EXPECT_EQ(jumps.weight(500), jumps.weight(10));
  EXPECT_EQ(JumpTable().weight(-3), JumpTable().weight(12));
}

TEST(HmmChainTest, EqualsTheSumOverAllStateSequences) {
  std::mt19937 random(3);
  const JumpTable jumps = draw_jumps(random);
  HmmChain chain(jumps, kNullProbability);  // one for all, so that what is left over would show
  // More than 10 states have far jumps, more than 20 far ones from the middle.
  for (const auto& [states, words] : std::vector<std::pair<std::size_t, std::size_t>>{
           {1, 1}, {1, 5}, {5, 1}, {3, 5}, {11, 3}, {13, 3}, {24, 3}, {10, 3}, {2, 2}, {40, 2}}) {
    SCOPED_TRACE(std::to_string(states) + " states, " + std::to_string(words) + " words");
    const Emissions emissions = draw_emissions(random, states, words);
    const Enumeration expected(jumps, emissions);
    std::vector<float> posteriors;
    std::vector<double> counts(JumpTable::kSize, 1.0);
    chain.run(emissions, posteriors, &counts);
    ASSERT_EQ(posteriors.size(), words * states);
    for (std::size_t i = 0; i < posteriors.size(); ++i)
      EXPECT_NEAR(static_cast<double>(posteriors[i]), expected.posteriors[i], 2e-6) << i;
    for (std::size_t i = 0; i < counts.size(); ++i)
      EXPECT_NEAR(counts[i], 1.0 + expected.jump_counts[i], 1e-5) << "jump " << i;
  }
}

TEST(HmmChainTest, CountingJumpsChangesNoPosterior) {
  std::mt19937 random(4);
  const JumpTable jumps = draw_jumps(random);
  const Emissions emissions = draw_emissions(random, 14, 6);
  std::vector<float> with;
  std::vector<float> without;
  std::vector<double> counts(JumpTable::kSize, 0.0);
  HmmChain(jumps, kNullProbability).run(emissions, with, &counts);
  HmmChain(jumps, kNullProbability).run(emissions, without, nullptr);
  EXPECT_EQ(with, without);
}

TEST(HmmChainTest, OneStateAndOneWordByHand) {
  const JumpTable jumps;
  std::vector<float> posteriors;
  HmmChain(jumps, 0.25).run({1, 1, {0.5F}, {0.1F}}, posteriors, nullptr);
  EXPECT_FLOAT_EQ(posteriors.at(0), 0.375F / 0.4F);  // 0.75 * 0.5 of 0.75 * 0.5 + 0.25 * 0.1
}

TEST(HmmChainTest, NothingPossibleStaysFinite) {
  const JumpTable jumps;
  std::vector<float> posteriors;
  std::vector<double> counts(JumpTable::kSize, 0.0);
  HmmChain chain(jumps, kNullProbability);
  chain.run({3, 2, std::vector<float>(6, 0.0F), {0.0F, 0.0F}}, posteriors, &counts);
  EXPECT_THAT(posteriors, Each(0.0F));
  EXPECT_THAT(counts, Each(0.0));
}

TEST(HmmChainTest, AnImpossibleWordAmongOthersStaysFinite) {
  const JumpTable jumps;
  std::vector<float> posteriors;
  std::vector<double> counts(JumpTable::kSize, 0.0);
  constexpr std::size_t kWords = 9;
  Emissions emissions{2, kWords, std::vector<float>(2 * kWords, 0.5F),
                      std::vector<float>(kWords, 0.1F)};
  emissions.of_state[4] = emissions.of_state[5] = emissions.of_null[2] = 0.0F;
  HmmChain(jumps, kNullProbability).run(emissions, posteriors, &counts);
  for (std::size_t word = 0; word < kWords; ++word) {
    const float sum = posteriors[2 * word] + posteriors[2 * word + 1];
    EXPECT_NEAR(sum, word == 2 ? 0.0 : 0.35 / 0.38, 1e-5) << word;
  }
  for (const double value : counts) EXPECT_TRUE(std::isfinite(value));
}

TEST(HmmChainTest, AWordThatNoStateEmitsIsUnlinked) {
  const JumpTable jumps;
  std::vector<float> posteriors;
  HmmChain(jumps, kNullProbability)
      .run({2, 2, {0.0F, 0.0F, 1.0F, 0.0F}, {1.0F, 0.0F}}, posteriors, nullptr);
  EXPECT_EQ(posteriors, (std::vector<float>{0.0F, 0.0F, 1.0F, 0.0F}));
}

TEST(HmmChainTest, LongSentencesOfUnlikelyWordsKeepTheirSums) {
  constexpr std::size_t kLength = 300;
  const JumpTable jumps;
  std::vector<float> posteriors;
  std::vector<double> counts(JumpTable::kSize, 0.0);
  HmmChain(jumps, kNullProbability)
      .run({kLength, kLength, std::vector<float>(kLength * kLength, 1e-9F),
            std::vector<float>(kLength, 1e-9F)},
           posteriors, &counts);
  for (std::size_t word = 0; word < kLength; ++word) {
    float sum = 0.0F;
    for (std::size_t state = 0; state < kLength; ++state) sum += posteriors[word * kLength + state];
    EXPECT_NEAR(sum, 1.0 - kNullProbability, 1e-3) << word;
  }
  double jumped = 0.0;
  for (const double count : counts) jumped += count;
  EXPECT_NEAR(jumped, (kLength - 1) * (1.0 - kNullProbability), 0.3);
}

TEST(HmmChainTest, WithoutStatesOrWordsNothingHappens) {
  const JumpTable jumps;
  std::vector<float> posteriors{1.0F};
  std::vector<double> counts(JumpTable::kSize, 2.0);
  HmmChain chain(jumps, kNullProbability);
  chain.run({0, 2, {}, {0.5F, 0.5F}}, posteriors, &counts);
  EXPECT_THAT(posteriors, IsEmpty());
  chain.run({2, 0, {}, {}}, posteriors, &counts);
  EXPECT_THAT(posteriors, IsEmpty());
  EXPECT_THAT(counts, Each(2.0));
}

}  // namespace
}  // namespace heed
