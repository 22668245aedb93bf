#include "app/align/link_extraction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>
#include <vector>

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

AttentionMatrix make_matrix(int rows, int columns, std::vector<float> weights) {
  return {AttentionKind::kCross, 0, 0, rows, columns, std::move(weights)};
}

// Three target and two source units, each side with its end of sentence.
const AttentionMatrix kMatrix = make_matrix(4, 3,
                                            {0.1F, 0.7F, 0.2F,  //
                                             0.2F, 0.3F, 0.5F,  //
                                             0.6F, 0.4F, 0.0F,  //
                                             0.9F, 0.0F, 0.1F});
const SentenceLengths kLengths{2, 3};

TEST(LinkExtractionTest, ArgmaxLinksEachTargetUnitOnce) {
  const auto links = extract_links(kMatrix, kLengths);
  EXPECT_THAT(links, ElementsAre(Link{0, 2}, Link{1, 0}, Link{1, 1}));
  EXPECT_FLOAT_EQ(static_cast<float>(links[1].probability), 0.7F);
}

TEST(LinkExtractionTest, TheEndOfSentenceMayUnlink) {
  EXPECT_THAT(extract_links(kMatrix, kLengths, {.end_of_sentence_unlinks = true}),
              ElementsAre(Link{0, 2}, Link{1, 0}));
}

TEST(LinkExtractionTest, AFinalMarkIsPartOfTheEnd) {
  // "cat ." and "neko wa .": wa looks at the mark and the end together, the last mark at the end.
  const auto matrix = make_matrix(3, 3,
                                  {0.6F, 0.2F, 0.2F,  //
                                   0.4F, 0.3F, 0.3F,  //
                                   0.2F, 0.1F, 0.7F});
  const LinkOptions options{.end_of_sentence_unlinks = true};
  EXPECT_THAT(extract_links(matrix, {2, 3}, options, {true, true}),
              ElementsAre(Link{0, 0}, Link{1, 2}));
  EXPECT_FLOAT_EQ(
      static_cast<float>(extract_links(matrix, {2, 3}, options, {true, true})[1].probability),
      0.8F);
  EXPECT_THAT(extract_links(matrix, {2, 3}, options, {true, false}), ElementsAre(Link{0, 0}));
  EXPECT_THAT(extract_links(matrix, {2, 3}, options, {false, true}),
              ElementsAre(Link{0, 0}, Link{0, 1}));
  EXPECT_THAT(extract_links(matrix, {2, 3}, {}, {true, true}),
              ElementsAre(Link{0, 0}, Link{0, 1}, Link{0, 2}));
}

TEST(LinkExtractionTest, MutualAsksBothSides) {
  // The end-of-sentence row, strongest at source 0, has no say.
  EXPECT_THAT(extract_links(kMatrix, kLengths, {.rule = LinkRule::kMutual}),
              ElementsAre(Link{0, 2}, Link{1, 0}));
}

TEST(LinkExtractionTest, ThresholdIncludesItsValueAndAllowsSeveral) {
  const auto matrix = make_matrix(1, 3, {0.25F, 0.5F, 0.25F});
  EXPECT_THAT(extract_links(matrix, {3, 1}, {.rule = LinkRule::kThreshold, .threshold = 0.25}),
              ElementsAre(Link{0, 0}, Link{1, 0}, Link{2, 0}));
  EXPECT_THAT(extract_links(matrix, {3, 1}, {.rule = LinkRule::kThreshold, .threshold = 0.3}),
              ElementsAre(Link{1, 0}));
}

TEST(LinkExtractionTest, TiesGoToTheLowestIndex) {
  const auto matrix = make_matrix(2, 2, {0.5F, 0.5F, 0.5F, 0.5F});
  EXPECT_THAT(extract_links(matrix, {2, 2}), ElementsAre(Link{0, 0}, Link{0, 1}));
  EXPECT_THAT(extract_links(matrix, {2, 2}, {.rule = LinkRule::kMutual}), ElementsAre(Link{0, 0}));
}

TEST(LinkExtractionTest, WeightsOfNothingAreNeverLinked) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto matrix = make_matrix(3, 2, {0.0F, 0.0F, nan, nan, nan, 0.1F});
  EXPECT_THAT(extract_links(matrix, {2, 3}), ElementsAre(Link{1, 2}));
  EXPECT_THAT(extract_links(matrix, {2, 3}, {.rule = LinkRule::kThreshold, .threshold = 0.0}),
              ElementsAre(Link{1, 2}));
}

TEST(LinkExtractionTest, EmptySentencesHaveNoLinks) {
  EXPECT_THAT(extract_links(make_matrix(1, 1, {1.0F}), {0, 0}), IsEmpty());
  EXPECT_THAT(extract_links(make_matrix(2, 1, {1.0F, 1.0F}), {0, 1}), IsEmpty());
}

TEST(LinkExtractionTest, RefusesAMatrixThatIsTooSmall) {
  EXPECT_THROW(extract_links(kMatrix, {4, 3}), std::invalid_argument);
  EXPECT_THROW(extract_links(kMatrix, {2, 5}), std::invalid_argument);
}

}  // namespace
}  // namespace heed
