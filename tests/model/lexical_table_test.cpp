#include "model/word_alignment/lexical_table.h"

#include <gtest/gtest.h>

#include <vector>

namespace heed {
namespace {

/// A sentence of words that are one unit each.
SegmentedSentence sentence_of(WordIds ids) {
  SegmentedSentence sentence{std::move(ids), {}};
  for (std::size_t i = 0; i < sentence.ids.size(); ++i)
    sentence.word_of.push_back(static_cast<std::int32_t>(i));
  return sentence;
}

/// Source word 0 meets target word 0; source word 1 meets all three.
LexicalTable small_table() {
  const std::vector<SegmentedSentence> src{sentence_of({0, 1}), sentence_of({1, 1})};
  const std::vector<SegmentedSentence> tgt{sentence_of({0, 0}), sentence_of({2, 1})};
  return {src, tgt, 2, 3};
}

TEST(LexicalTableTest, HoldsThePairsThatMetOnce) {
  const LexicalTable table = small_table();
  EXPECT_EQ(table.size(), 4U);
  EXPECT_EQ(table.src_vocab(), 2U);
  EXPECT_EQ(table.tgt_vocab(), 3U);
  EXPECT_EQ(table.find(0, 0), 0U);
  EXPECT_EQ(table.find(1, 0), 1U);
  EXPECT_EQ(table.find(1, 1), 2U);
  EXPECT_EQ(table.find(1, 2), 3U);
  EXPECT_EQ(table.find(0, 1), LexicalTable::kMissing);
}

TEST(LexicalTableTest, WordsItDoesNotKnowAreMissing) {
  const LexicalTable table = small_table();
  for (const std::int32_t unknown : {-1, 3, 1'000'000}) {
    EXPECT_EQ(table.find(unknown, 0), LexicalTable::kMissing) << unknown;
    EXPECT_EQ(table.find(1, unknown), LexicalTable::kMissing) << unknown;
    EXPECT_EQ(table.tgt_given_null(unknown), LexicalTable::kFloor) << unknown;
    EXPECT_EQ(table.src_given_null(unknown), LexicalTable::kFloor) << unknown;
  }
  EXPECT_EQ(table.tgt_given_src(LexicalTable::kMissing), LexicalTable::kFloor);
  EXPECT_EQ(table.src_given_tgt(LexicalTable::kMissing), LexicalTable::kFloor);
}

TEST(LexicalTableTest, FindsAllPairsOfASentenceByTargetWord) {
  const LexicalTable table = small_table();
  std::vector<std::uint32_t> places{7, 7, 7, 7, 7, 7, 7};
  table.find_all({0, 1}, {2, 0, -1}, places);
  EXPECT_EQ(places, (std::vector<std::uint32_t>{LexicalTable::kMissing, 3, 0, 1,
                                                LexicalTable::kMissing, LexicalTable::kMissing}));
  table.find_all({0, 1}, {}, places);
  EXPECT_TRUE(places.empty());
}

TEST(LexicalTableTest, BeginsUniform) {
  const LexicalTable table = small_table();
  EXPECT_FLOAT_EQ(table.tgt_given_src(table.find(0, 0)), 1.0F);
  EXPECT_FLOAT_EQ(table.tgt_given_src(table.find(1, 2)), 1.0F / 3.0F);
  EXPECT_FLOAT_EQ(table.src_given_tgt(table.find(0, 0)), 1.0F / 2.0F);
  EXPECT_FLOAT_EQ(table.src_given_tgt(table.find(1, 2)), 1.0F);
  EXPECT_FLOAT_EQ(table.tgt_given_null(1), 1.0F / 3.0F);
  EXPECT_FLOAT_EQ(table.src_given_null(1), 1.0F / 2.0F);
}

TEST(LexicalTableTest, FrequentWordsKeepAllTheirPartners) {
  constexpr std::int32_t kPartners = 3000;  // more than a list holds before repeats are dropped
  std::vector<SegmentedSentence> src;
  std::vector<SegmentedSentence> tgt;
  for (std::int32_t i = 0; i < 2 * kPartners; ++i) {
    src.push_back(sentence_of({0}));
    tgt.push_back(sentence_of({i * 7 % kPartners}));
  }
  const LexicalTable table(src, tgt, 1, kPartners);
  EXPECT_EQ(table.size(), static_cast<std::size_t>(kPartners));
  for (std::int32_t i = 0; i < kPartners; ++i)
    ASSERT_EQ(table.find(0, i), static_cast<std::uint32_t>(i));
}

TEST(LexicalTableTest, CountsBecomeRelativeFrequencies) {
  LexicalTable table = small_table();
  LexicalTable::Counts counts(table);
  counts.tgt_of_src = {0.0F, 1.0F, 1.0F, 2.0F};
  counts.src_of_tgt = {3.0F, 1.0F, 0.0F, 5.0F};
  counts.tgt_of_null = {1.0F, 3.0F, 0.0F};
  table.set_from(counts);
  EXPECT_FLOAT_EQ(table.tgt_given_src(0), 1.0F) << "no count: as before";
  EXPECT_FLOAT_EQ(table.tgt_given_src(1), 0.25F);
  EXPECT_FLOAT_EQ(table.tgt_given_src(3), 0.5F);
  EXPECT_FLOAT_EQ(table.src_given_tgt(0), 0.75F);
  EXPECT_FLOAT_EQ(table.src_given_tgt(1), 0.25F);
  EXPECT_FLOAT_EQ(table.src_given_tgt(2), 1.0F) << "no count: as before";
  EXPECT_FLOAT_EQ(table.src_given_tgt(3), 1.0F);
  EXPECT_FLOAT_EQ(table.tgt_given_null(1), 0.75F);
  EXPECT_FLOAT_EQ(table.tgt_given_null(2), 0.0F);
  EXPECT_FLOAT_EQ(table.src_given_null(0), 0.5F) << "no count: as before";
}

TEST(LexicalTableTest, TakingCountsAddsAndEmptiesThem) {
  const LexicalTable table = small_table();
  LexicalTable::Counts sum(table);
  LexicalTable::Counts other(table);
  sum.tgt_of_src[1] = sum.src_of_null[0] = 1.0F;
  other.tgt_of_src[1] = other.src_of_tgt[3] = other.tgt_of_null[2] = other.src_of_null[0] = 2.0F;
  sum.take(other);
  EXPECT_EQ(sum.tgt_of_src, (std::vector<float>{0, 3, 0, 0}));
  EXPECT_EQ(sum.src_of_tgt, (std::vector<float>{0, 0, 0, 2}));
  EXPECT_EQ(sum.tgt_of_null, (std::vector<float>{0, 0, 2}));
  EXPECT_EQ(sum.src_of_null, (std::vector<float>{3, 0}));
  const LexicalTable::Counts zero(table);
  EXPECT_EQ(other.tgt_of_src, zero.tgt_of_src);
  EXPECT_EQ(other.src_of_tgt, zero.src_of_tgt);
  EXPECT_EQ(other.tgt_of_null, zero.tgt_of_null);
  EXPECT_EQ(other.src_of_null, zero.src_of_null);
}

}  // namespace
}  // namespace heed
