#include "app/align/trained_links.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "tests/support/aten_ops.h"

namespace heed {
namespace {

using ::testing::FloatEq;
using ::testing::Pointwise;

// Two sentences of 4 target rows (bos first) and 4 source columns, the longest of a batch.
AlignmentScores table() {
  AlignmentScores scores{at::zeros({2, 4, 4}), at::zeros({2, 4, 4})};
  scores.src_of_tgt[1] = at::tensor({0.9F, 0.9F, 0.9F, 0.9F,   // bos
                                     0.5F, 0.2F, 0.1F, 0.2F,   // the rest is none's
                                     0.1F, 0.3F, 0.4F, 0.2F,   //
                                     0.9F, 0.9F, 0.9F, 0.9F})  // padding
                             .reshape({4, 4});
  scores.tgt_of_src[1] = at::tensor({0.4F, 0.2F, 0.6F, 0.9F,   // bos: none
                                     0.5F, 0.2F, 0.2F, 0.9F,   //
                                     0.1F, 0.6F, 0.2F, 0.9F,   //
                                     0.9F, 0.9F, 0.9F, 0.9F})  // padding
                             .reshape({4, 4});
  return scores;
}

TEST(TrainedLinksTest, LeaveOutBosEosAndPadding) {
  const LinkPosteriors posteriors = unit_posteriors(
      table(), 1, make_unit_map(std::array{0, 1, 2}, 3), make_unit_map(std::array{0, 1}, 2));
  EXPECT_EQ(posteriors.src_len, 3U);
  EXPECT_EQ(posteriors.tgt_len, 2U);
  EXPECT_THAT(posteriors.src_of_tgt, Pointwise(FloatEq(), {0.5F, 0.2F, 0.1F, 0.1F, 0.3F, 0.4F}));
  EXPECT_THAT(posteriors.tgt_of_src, Pointwise(FloatEq(), {0.5F, 0.1F, 0.2F, 0.6F, 0.2F, 0.2F}));
}

TEST(TrainedLinksTest, UnitsSumTheirPartnersPiecesAndAverageTheirOwn) {
  const LinkPosteriors posteriors = unit_posteriors(
      table(), 1, make_unit_map(std::array{0, 0, 1}, 2), make_unit_map(std::array{0, 0}, 1));
  EXPECT_EQ(posteriors.src_len, 2U);
  EXPECT_EQ(posteriors.tgt_len, 1U);
  EXPECT_THAT(posteriors.src_of_tgt, Pointwise(FloatEq(), {(0.7F + 0.4F) / 2, (0.1F + 0.4F) / 2}));
  EXPECT_THAT(posteriors.tgt_of_src, Pointwise(FloatEq(), {(0.6F + 0.8F) / 2, 0.4F}));
}

TEST(TrainedLinksTest, SentencesMayBeEmpty) {
  const LinkPosteriors posteriors =
      unit_posteriors(table(), 1, UnitMap{}, make_unit_map(std::array{0, 1}, 2));
  EXPECT_EQ(posteriors.src_len, 0U);
  EXPECT_EQ(posteriors.tgt_len, 2U);
  EXPECT_TRUE(posteriors.src_of_tgt.empty());
  EXPECT_TRUE(posteriors.tgt_of_src.empty());
}

}  // namespace
}  // namespace heed
