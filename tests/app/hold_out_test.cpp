#include "app/train/hold_out.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <set>

#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

using Pairs = std::vector<SentencePair>;

class HoldOutTest : public ::testing::Test {
 protected:
  ParallelFiles write(const Pairs& pairs) const {
    std::string src;
    std::string tgt;
    for (const SentencePair& pair : pairs) {
      src += pair.src + "\n";
      tgt += pair.tgt + "\n";
    }
    return {{folder_.write("text.src", src)}, {folder_.write("text.tgt", tgt)}, {}};
  }

  static Pairs numbers(int count) {
    Pairs pairs;
    for (int i = 0; i < count; ++i)
      pairs.push_back({fmt::format("source {}", i), fmt::format("target {}", i)});
    return pairs;
  }

  TemporaryFolder folder_;
};

TEST_F(HoldOutTest, EachPairIsInOneOfTheTwo) {
  const Pairs all = numbers(100);
  const HeldOut held = hold_out(write(all), 10, 1, folder_.path());
  Pairs pairs = load_parallel(held.dev).pairs;
  EXPECT_EQ(pairs.size(), 10U);
  const Pairs train = load_parallel(held.train).pairs;
  pairs.insert(pairs.end(), train.begin(), train.end());
  EXPECT_THAT(pairs, ::testing::UnorderedElementsAreArray(all));
}

TEST_F(HoldOutTest, WhatIsInTheTextTwiceIsNotDrawn) {
  Pairs all = numbers(40);
  for (int i = 0; i < 40; ++i) {
    all.push_back({fmt::format("source {}", i % 20), fmt::format("other {}", i)});
    all.push_back({fmt::format("new {}", i), fmt::format("target {}", 10 + i % 20)});
  }
  const HeldOut held = hold_out(write(all), 50, 1, folder_.path());
  std::set<std::string> sides;
  for (const SentencePair& pair : load_parallel(held.train).pairs) {
    sides.insert(pair.src);
    sides.insert(pair.tgt);
  }
  const Pairs dev = load_parallel(held.dev).pairs;
  EXPECT_EQ(dev.size(), 5U);  // half of the pairs 30 to 39
  for (const SentencePair& pair : dev) {
    EXPECT_FALSE(sides.contains(pair.src)) << pair.src;
    EXPECT_FALSE(sides.contains(pair.tgt)) << pair.tgt;
  }
}

TEST_F(HoldOutTest, TheSeedDecides) {
  const ParallelFiles files = write(numbers(100));
  const Pairs first = load_parallel(hold_out(files, 10, 1, folder_.path()).dev).pairs;
  EXPECT_EQ(load_parallel(hold_out(files, 10, 1, folder_.path()).dev).pairs, first);
  EXPECT_NE(load_parallel(hold_out(files, 10, 2, folder_.path()).dev).pairs, first);
}

}  // namespace
}  // namespace heed
