#include "app/align/statistical_aligner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace heed {
namespace {

using ::testing::Each;

const std::vector<std::string> kEnglish{"house", "river", "stone", "green",
                                        "walks", "sings", "seven", "never"};
const std::vector<std::string> kJapanese{
    "\u5BB6",       "\u5DDD",       "\u77F3",       "\u7DD1\u306E",
    "\u6B69\u304F", "\u6B4C\u3046", "\u4E03\u3064", "\u6C7A\u3057\u3066"};

std::string join(const std::vector<std::string>& words, const std::vector<std::size_t>& chosen) {
  std::string line;
  for (const std::size_t word : chosen) line += words[word] + " ";
  return line;
}

UnitPair make_pair_of(const std::string& src, const std::string& tgt) {
  return {split_words(src), split_words(tgt)};
}

/// Three to five different words, each translated by one word; the first two change places.
std::vector<UnitPair> toy_pairs() {
  std::mt19937 random(1);
  std::vector<std::size_t> words{0, 1, 2, 3, 4, 5, 6, 7};
  std::vector<UnitPair> pairs;
  for (std::size_t pair = 0; pair < 150; ++pair) {
    std::shuffle(words.begin(), words.end(), random);
    std::vector<std::size_t> chosen(words.begin(), words.begin() + 3 + static_cast<int>(pair % 3));
    const std::string src = join(kEnglish, chosen);
    std::swap(chosen[0], chosen[1]);
    pairs.push_back(make_pair_of(src, join(kJapanese, chosen)));
  }
  return pairs;
}

void expect_toy_links(const StatisticalAligner& aligner, const UnitPair& pair) {
  const LinkPosteriors found = aligner.align(pair);
  ASSERT_EQ(found.src_len, pair.src.size());
  ASSERT_EQ(found.tgt_len, pair.tgt.size());
  for (std::size_t s = 0; s < found.src_len; ++s) {
    for (std::size_t t = 0; t < found.tgt_len; ++t) {
      const bool is_link = t == (s < 2 ? 1 - s : s);
      EXPECT_EQ(found.mean(s, t) > (is_link ? 0.6F : 0.2F), is_link)
          << found.mean(s, t) << " for " << s << '-' << t;
    }
  }
}

TEST(StatisticalAlignerTest, FindsTheLinksOfAToyText) {
  const std::vector<UnitPair> pairs = toy_pairs();
  WorkerPool pool(2);
  const StatisticalAligner aligner(pairs, pool);
  for (std::size_t pair = 0; pair < 6; ++pair) expect_toy_links(aligner, pairs[pair]);
  // Not learnt from, in other case.
  expect_toy_links(aligner, make_pair_of("RIVER House sings", join(kJapanese, {0, 1, 5})));
}

TEST(StatisticalAlignerTest, ThreadsChangeNothingButRounding) {
  const std::vector<UnitPair> pairs = toy_pairs();
  WorkerPool one(1);
  WorkerPool three(3);
  const LinkPosteriors expected = StatisticalAligner(pairs, one).align(pairs[7]);
  const LinkPosteriors found = StatisticalAligner(pairs, three).align(pairs[7]);
  for (std::size_t i = 0; i < expected.src_of_tgt.size(); ++i) {
    EXPECT_NEAR(found.src_of_tgt[i], expected.src_of_tgt[i], 1e-3);
    EXPECT_NEAR(found.tgt_of_src[i], expected.tgt_of_src[i], 1e-3);
  }
}

TEST(StatisticalAlignerTest, PairsWithAnEmptySideHaveNoLinksAndDoNoHarm) {
  std::vector<UnitPair> pairs = toy_pairs();
  pairs.insert(pairs.begin(), make_pair_of("", "\u5BB6 \u5BB6"));
  pairs.insert(pairs.begin() + 5, make_pair_of("house", ""));
  pairs.push_back({});
  WorkerPool pool(2);
  const StatisticalAligner aligner(pairs, pool);
  const LinkPosteriors empty = aligner.align(pairs.front());
  EXPECT_EQ(empty.src_len, 0U);
  EXPECT_EQ(empty.tgt_len, 2U);
  EXPECT_EQ(aligner.align({}).tgt_len, 0U);
  expect_toy_links(aligner, pairs[3]);
}

TEST(StatisticalAlignerTest, OfNoTextKnowsNoLinks) {
  WorkerPool pool(1);
  const StatisticalAligner aligner(std::vector<UnitPair>{{}, make_pair_of("a", "")}, pool);
  const LinkPosteriors found = aligner.align(make_pair_of("a b", "c"));
  EXPECT_EQ(found.src_len, 2U);
  EXPECT_EQ(found.tgt_len, 1U);
  EXPECT_THAT(found.src_of_tgt, Each(0.0F));
  EXPECT_THAT(found.tgt_of_src, Each(0.0F));
}

TEST(StatisticalAlignerTest, TellsHowFarItIs) {
  WorkerPool pool(1);
  std::vector<double> shares;
  const StatisticalAligner aligner(toy_pairs(), pool,
                                   [&](double share) { shares.push_back(share); });
  ASSERT_GE(shares.size(), 10U);
  EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()));
  EXPECT_GT(shares.front(), 0.0);
  EXPECT_NEAR(shares.back(), 1.0, 1e-9);
}

}  // namespace
}  // namespace heed
