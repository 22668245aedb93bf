#include "app/attribution/agreement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heed {
namespace {

using ::testing::HasSubstr;

/// `rows` of scores, the last being that of the end of the sentence.
AttributionMatrix scores_of(AttributionMethod method, const std::vector<std::vector<float>>& rows) {
  AttributionMatrix matrix{
      method, static_cast<int>(rows.size()), static_cast<int>(rows.front().size()), {}};
  for (const auto& row : rows) matrix.scores.insert(matrix.scores.end(), row.begin(), row.end());
  return matrix;
}

AttentionRecord compared_record() {
  AttentionRecord record;
  record.src_units = {"a", "b", "c", "</s>"};
  record.tgt_units = {"x", "y", "z", "</s>"};
  record.attributions = {
      scores_of(AttributionMethod::kAttention,
                {{0.1F, 0.2F, 0.7F}, {0.6F, 0.3F, 0.1F}, {0.4F, 0.4F, 0.2F}, {1, 0, 0}}),
      scores_of(AttributionMethod::kOcclusion,
                {{-1, 0.5F, 4}, {0.1F, 3, 0.2F}, {0, 0, 0}, {0, 0, 1}})};
  return record;
}

TEST(AgreementTest, ComparesTargetUnitsWithoutTheEnd) {
  const std::vector<Agreement> agreements = compare_attributions(compared_record());
  ASSERT_EQ(agreements.size(), 1U);
  const Agreement& agreement = agreements[0];
  EXPECT_EQ(agreement.first, AttributionMethod::kAttention);
  EXPECT_EQ(agreement.second, AttributionMethod::kOcclusion);
  EXPECT_EQ(agreement.units, 3U);
  EXPECT_EQ(agreement.same_strongest, 2U);  // x; z, where the first of equals counts
  EXPECT_DOUBLE_EQ(agreement.by_chance, 1.0);
  EXPECT_EQ(agreement.decided, 2U);  // x and y
  EXPECT_EQ(agreement.same_of_decided, 1U);
  EXPECT_EQ(agreement.ranked, 2U);  // of z one side is constant
  // x: 1; y: ranks 3, 2, 1 against 1, 3, 2, that is 1 - 6 * (4 + 1 + 1) / 24 = -0.5.
  EXPECT_NEAR(*agreement.mean_correlation(), 0.25, 1e-12);
}

TEST(AgreementTest, ComparesEachTwoOfSeveralMethods) {
  AttentionRecord record = compared_record();
  record.attributions.push_back(record.attributions[0]);
  record.attributions[2].method = AttributionMethod::kGradient;
  const std::vector<Agreement> agreements = compare_attributions(record);
  ASSERT_EQ(agreements.size(), 3U);
  EXPECT_EQ(agreements[1].second, AttributionMethod::kGradient);
  EXPECT_EQ(agreements[1].same_strongest, 3U);
  EXPECT_NEAR(*agreements[1].mean_correlation(), 1.0, 1e-12);
  EXPECT_EQ(agreements[1].decided, 2U);  // occlusion says so for the other two
  EXPECT_EQ(agreements[1].same_of_decided, 2U);
  EXPECT_EQ(agreements[2].first, AttributionMethod::kOcclusion);
  record.attributions.erase(record.attributions.begin() + 1);
  EXPECT_EQ(compare_attributions(record)[0].decided, 0U);
  record.attributions.resize(1);
  EXPECT_TRUE(compare_attributions(record).empty());
}

TEST(AgreementTest, OneSourceUnitIsNoChoice) {
  AttentionRecord record;
  record.attributions = {scores_of(AttributionMethod::kAttention, {{0.5F}, {0.5F}}),
                         scores_of(AttributionMethod::kGradient, {{2}, {1}})};
  const Agreement agreement = compare_attributions(record)[0];
  EXPECT_EQ(agreement.units, 0U);
  EXPECT_FALSE(agreement.mean_correlation().has_value());
}

TEST(AgreementSummaryTest, AddsUpAndWeighsTargetUnitsAlike) {
  AgreementSummary summary;
  EXPECT_EQ(summary.table(UnitKind::kWord), "");
  summary.add(compared_record());
  AttentionRecord other = compared_record();
  other.attributions[1] = other.attributions[0];
  other.attributions[1].method = AttributionMethod::kOcclusion;
  summary.add(other);
  const std::string table = summary.table(UnitKind::kPiece);
  EXPECT_THAT(table, HasSubstr("6 target pieces"));
  EXPECT_THAT(table, HasSubstr("33.3 %"));
  EXPECT_THAT(table, HasSubstr("attention, occlusion"));
  EXPECT_THAT(table, HasSubstr(" 83.3 %"));  // 5 of 6
  EXPECT_THAT(table, HasSubstr(" 50.0 %"));  // of x and y of the first record
  EXPECT_THAT(table, HasSubstr(" 0.700"));   // 1, -0.5, 1, 1, 1 over five
}

TEST(AgreementSummaryTest, SaysWhereNothingIsDefined) {
  AttentionRecord record = compared_record();
  record.attributions[1].scores.assign(12, 0.0F);
  AgreementSummary summary;
  summary.add(record);
  EXPECT_THAT(summary.table(UnitKind::kWord), HasSubstr("undefined"));
}

}  // namespace
}  // namespace heed
