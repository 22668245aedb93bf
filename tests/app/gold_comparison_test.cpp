#include "app/align/gold_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_message.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<Link> kDiagonal{{0, 0}, {1, 1}};

class GoldComparisonTest : public ::testing::Test {
 protected:
  GoldComparison compare_with(std::string_view gold, const IndexConvention& convention = {}) {
    return {folder_.write("gold.txt", gold).string(), convention};
  }

  TemporaryFolder folder_;
};

TEST_F(GoldComparisonTest, SumsOverPairsAsTheyGoBy) {
  GoldComparison comparison = compare_with("0-0 1?0\n\n1-1 0-1\n");
  EXPECT_THAT(comparison.add(std::vector<Link>{{0, 0}, {1, 0}}, {2, 1}).possible,
              ElementsAre(Link{0, 0}, Link{1, 0}));
  EXPECT_THAT(comparison.add({}, {0, 0}).sure, ElementsAre());
  comparison.add(kDiagonal, {2, 2});
  const AlignmentCounts counts = comparison.finish();
  EXPECT_EQ(counts.proposed, 4U);
  EXPECT_EQ(counts.sure, 3U);
  EXPECT_EQ(counts.possible, 4U);
  EXPECT_EQ(counts.sure_hits, 2U);
  EXPECT_EQ(counts.possible_hits, 3U);
  // AER 1 - (2 + 3) / (4 + 3); F1 of 3/4 and 2/3.
  EXPECT_EQ(describe_counts(counts),
            "AER 28.57 %, precision 75.00 %, recall 66.67 %, F1 70.59 % "
            "(4 links; gold 3 sure, 4 possible)");
}

TEST_F(GoldComparisonTest, ReadsTheConvention) {
  GoldComparison comparison = compare_with("2-1\n", {.one_based = true, .transposed = true});
  EXPECT_THAT(comparison.add({}, {1, 2}).sure, ElementsAre(Link{0, 1}));
}

TEST_F(GoldComparisonTest, NamesTheLineOfALinkBeyondItsPair) {
  GoldComparison comparison = compare_with("0-0\n0-0 1?2\n");
  comparison.add(kDiagonal, {2, 2});
  EXPECT_THAT(error_message([&] {
                comparison.add(kDiagonal, {2, 2});
              }),
              AllOf(HasSubstr("gold.txt:2: gold link 1-2"), HasSubstr("--gold-one-based")));
}

TEST_F(GoldComparisonTest, NeedsALineForEachPairAndNoMore) {
  GoldComparison few = compare_with("0-0\n");
  few.add(kDiagonal, {2, 2});
  EXPECT_THAT(error_message([&] { few.add(kDiagonal, {2, 2}); }), HasSubstr("gold.txt has 1 line"));
  GoldComparison many = compare_with("0-0\n0-0\n");
  many.add(kDiagonal, {2, 2});
  EXPECT_THAT(error_message([&] { many.finish(); }),
              HasSubstr("gold.txt has 2 lines, but 1 pairs were aligned"));
}

}  // namespace
}  // namespace heed
