#include "app/align/alignment_error_rate.h"

#include <gtest/gtest.h>

#include <vector>

namespace heed {
namespace {

GoldAlignment make_gold(std::vector<Link> sure, std::vector<Link> possible) {
  possible.insert(possible.end(), sure.begin(), sure.end());
  return {to_link_set(sure), to_link_set(possible)};
}

TEST(AlignmentErrorRateTest, EqualsAWorkedExample) {
  // A = {00, 11, 22, 33}, S = {00, 11, 34}, P = S and {22}.
  const std::vector<Link> proposed{{0, 0}, {1, 1}, {2, 2}, {3, 3}};
  const AlignmentCounts counts =
      count_alignment(proposed, make_gold({{0, 0}, {1, 1}, {3, 4}}, {{2, 2}}));
  EXPECT_EQ(counts.sure_hits, 2U);
  EXPECT_EQ(counts.possible_hits, 3U);
  EXPECT_EQ(counts.possible, 4U);
  EXPECT_DOUBLE_EQ(counts.precision(), 3.0 / 4);
  EXPECT_DOUBLE_EQ(counts.recall(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(counts.f1(), 12.0 / 17);
  EXPECT_DOUBLE_EQ(counts.alignment_error_rate(), 1.0 - 5.0 / 7);
}

TEST(AlignmentErrorRateTest, SumsCountsOverTheCorpusRatherThanAveragingRates) {
  const std::vector<Link> one{{0, 0}};
  const std::vector<Link> two{{0, 0}, {1, 0}};
  AlignmentCounts counts = count_alignment(one, make_gold(one, {}));        // all right
  counts += count_alignment(two, make_gold({{5, 5}, {6, 6}, {7, 7}}, {}));  // all wrong
  EXPECT_EQ(counts.proposed, 3U);
  EXPECT_DOUBLE_EQ(counts.precision(), 1.0 / 3);
  EXPECT_DOUBLE_EQ(counts.recall(), 1.0 / 4);
  EXPECT_DOUBLE_EQ(counts.alignment_error_rate(), 1.0 - 2.0 / 7);
}

TEST(AlignmentErrorRateTest, IsOneMinusF1WhereAllIsSure) {
  const std::vector<Link> proposed{{0, 0}, {1, 1}, {2, 0}};
  const AlignmentCounts counts =
      count_alignment(proposed, make_gold({{0, 0}, {1, 1}, {2, 2}, {3, 3}}, {}));
  EXPECT_DOUBLE_EQ(counts.alignment_error_rate(), 1.0 - counts.f1());
}

TEST(AlignmentErrorRateTest, EmptySidesAreDefined) {
  const std::vector<Link> one{{0, 0}};
  const AlignmentCounts nothing = count_alignment({}, {});
  EXPECT_EQ(nothing.precision(), 1.0);
  EXPECT_EQ(nothing.recall(), 1.0);
  EXPECT_EQ(nothing.alignment_error_rate(), 0.0);

  const AlignmentCounts silent = count_alignment({}, make_gold(one, {}));
  EXPECT_EQ(silent.recall(), 0.0);
  EXPECT_EQ(silent.f1(), 0.0);
  EXPECT_EQ(silent.alignment_error_rate(), 1.0);

  const AlignmentCounts only_possible = count_alignment(one, make_gold({}, one));
  EXPECT_EQ(only_possible.alignment_error_rate(), 0.0);
  const AlignmentCounts only_wrong = count_alignment(one, make_gold({}, {{1, 1}}));
  EXPECT_EQ(only_wrong.precision(), 0.0);
  EXPECT_EQ(only_wrong.alignment_error_rate(), 1.0);
}

TEST(AlignmentErrorRateTest, CountsRepeatedLinksOnceInAnyOrder) {
  const std::vector<Link> repeated{{1, 1, 0.2}, {0, 0}, {1, 1, 0.9}};
  EXPECT_EQ(count_alignment(repeated, make_gold({{1, 1}, {0, 0}}, {})).proposed, 2U);
  EXPECT_EQ(count_alignment(repeated, make_gold({{1, 1}, {0, 0}}, {})).sure_hits, 2U);
}

}  // namespace
}  // namespace heed
