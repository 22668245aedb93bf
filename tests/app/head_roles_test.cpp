#include "app/report/head_roles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace heed {
namespace {

/// Three units a side, the last of the source a punctuation mark.
AttentionRecord make_record(AttentionKind kind, std::vector<float> weights) {
  AttentionRecord record;
  record.src_units = {"a", "b", ".", "</s>"};
  record.tgt_units = {"x", "y", "</s>"};
  const int rows = kind == AttentionKind::kEncoderSelf ? 4 : 3;
  const int columns = kind == AttentionKind::kDecoderSelf ? 3 : 4;
  record.matrices.push_back({kind, 1, 2, rows, columns, std::move(weights)});
  return record;
}

HeadRole measure(const AttentionRecord& record) {
  HeadRoleMeter meter;
  meter.add(record);
  return meter.roles().at(0);
}

TEST(HeadRolesTest, MeasuresEncoderSelfAttentionByHand) {
  const HeadRole role =
      measure(make_record(AttentionKind::kEncoderSelf, {0.1F, 0.9F, 0.0F, 0.0F,  //
                                                        0.5F, 0.0F, 0.5F, 0.0F,  //
                                                        0.0F, 0.0F, 0.2F, 0.8F,  //
                                                        1.0F, 0.0F, 0.0F, 0.0F}));
  EXPECT_EQ(role.layer, 1);
  EXPECT_EQ(role.head, 2);
  EXPECT_NEAR(role.previous, (0.5 + 0.0) / 2, 1e-6);  // the first unit has none before
  EXPECT_NEAR(role.same, (0.1 + 0.0 + 0.2) / 3, 1e-6);
  EXPECT_NEAR(role.next, (0.9 + 0.5 + 0.8) / 3, 1e-6);
  EXPECT_NEAR(role.first, (0.1 + 0.5) / 3, 1e-6);  // the row of </s> is left out
  EXPECT_NEAR(role.end, 0.8 / 3, 1e-6);
  EXPECT_NEAR(role.punctuation, (0.0 + 0.5 + 0.2) / 3, 1e-6);
  EXPECT_NEAR(role.distance, (0.9 + 1.0 + 0.8) / 3, 1e-6);
  EXPECT_NEAR(role.hits, 0.0, 1e-6);
  const double entropies = -(0.1 * std::log(0.1) + 0.9 * std::log(0.9)) + std::log(2.0) -
                           (0.2 * std::log(0.2) + 0.8 * std::log(0.8));
  EXPECT_NEAR(role.entropy, entropies / 3, 1e-6);
}

TEST(HeadRolesTest, TheDecoderIsMeasuredFromTheUnitItReads) {
  // Row 0 can see <s> only; row 1 sees <s> and x, which it reads.
  const HeadRole role = measure(make_record(
      AttentionKind::kDecoderSelf, {1.0F, 0.0F, 0.0F, 0.25F, 0.75F, 0.0F, 0.0F, 0.0F, 1.0F}));
  EXPECT_NEAR(role.same, (1.0 + 0.75) / 2, 1e-6);
  EXPECT_NEAR(role.previous, 0.25, 1e-6);
  EXPECT_NEAR(role.next, 0.0, 1e-6);
  EXPECT_NEAR(role.first, (1.0 + 0.25) / 2, 1e-6);
  EXPECT_NEAR(role.end, 0.0, 1e-6);
}

TEST(HeadRolesTest, CrossAttentionIsMeasuredFromTheLinks) {
  AttentionRecord record = make_record(AttentionKind::kCross, {0.2F, 0.7F, 0.0F, 0.1F, 0.3F, 0.3F,
                                                               0.0F, 0.4F, 0.0F, 0.0F, 0.0F, 1.0F});
  record.links = {{0, 0}, {1, 1}};
  const HeadRole role = measure(record);
  EXPECT_NEAR(role.same, (0.2 + 0.3) / 2, 1e-6);
  EXPECT_NEAR(role.next, 0.7, 1e-6);      // of x: what y is linked to; y has nothing after it
  EXPECT_NEAR(role.previous, 0.3, 1e-6);  // of y: what x is linked to
  EXPECT_NEAR(role.end, (0.1 + 0.4) / 2, 1e-6);
  EXPECT_NEAR(role.hits, 0.0, 1e-6);

  record.gold_sure = record.gold_possible = {{1, 0}};  // gold goes before what was chosen
  const HeadRole by_gold = measure(record);
  EXPECT_NEAR(by_gold.same, 0.7, 1e-6);
  EXPECT_NEAR(by_gold.hits, 1.0, 1e-6);
}

TEST(HeadRolesTest, WhatANeighbourSharesIsTheUnitsOwn) {
  AttentionRecord record = make_record(AttentionKind::kCross, {0.6F, 0.4F, 0.0F, 0.0F, 0.6F, 0.4F,
                                                               0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 1.0F});
  record.links = {{0, 0}, {0, 1}};  // both target units come from one source unit
  const HeadRole role = measure(record);
  EXPECT_NEAR(role.same, 0.6, 1e-6);
  EXPECT_NEAR(role.previous + role.next, 0.0, 1e-6);
}

TEST(HeadRolesTest, SumsOverSentencesAndHeads) {
  HeadRoleMeter meter;
  AttentionRecord one = make_record(AttentionKind::kDecoderSelf, std::vector<float>(9, 0.0F));
  AttentionRecord two = make_record(AttentionKind::kDecoderSelf, std::vector<float>(9, 1.0F));
  two.matrices.push_back(two.matrices[0]);
  two.matrices[1].head = 0;
  meter.add(one);
  meter.add(two);
  meter.add(AttentionRecord{
      0, "", "", UnitKind::kWord, {"</s>"}, {"</s>"}, {}, {}, {}, {}, {}, {}, {}, {}, 0});
  EXPECT_EQ(meter.sentences(), 3U);
  const auto roles = meter.roles();
  ASSERT_EQ(roles.size(), 2U);
  EXPECT_EQ(roles[0].head, 0);
  EXPECT_NEAR(roles[0].first, 1.0, 1e-6);
  EXPECT_NEAR(roles[1].first, 0.5, 1e-6);
}

TEST(HeadRolesTest, TellsTheStrongest) {
  HeadRole role;
  role.next = 0.71;
  role.end = 0.2;
  EXPECT_EQ(strongest_role(role).name, "next");
  const auto json = head_roles_to_json({role});
  EXPECT_EQ(json[0]["role"], "next");
  EXPECT_EQ(json[0]["share"], 0.71);
  EXPECT_EQ(json[0]["kind"], "cross");
}

}  // namespace
}  // namespace heed
