#include "app/align/unit_merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <stdexcept>

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::FloatNear;
using ::testing::Pointwise;

// Pieces: target "a" | "b1 b2", source "x1 x2" | "y" | end.
const AttentionMatrix kPieces{AttentionKind::kCross,
                              2,
                              1,
                              3,
                              4,
                              {0.5F, 0.25F, 0.25F, 0.0F,  //
                               0.0F, 0.5F, 0.0F, 0.5F,    //
                               0.25F, 0.25F, 0.5F, 0.0F}};

TEST(UnitMergeTest, SumsKeysAndAveragesQueries) {
  const auto merged = merge_to_units(kPieces, make_unit_map(std::array{0, 1, 1}, 2),
                                     make_unit_map(std::array{0, 0, 1, 2}, 3));
  EXPECT_EQ(merged.kind, AttentionKind::kCross);
  EXPECT_EQ(merged.layer, 2);
  EXPECT_EQ(merged.head, 1);
  EXPECT_EQ(merged.rows, 2);
  EXPECT_EQ(merged.columns, 3);
  EXPECT_THAT(merged.weights,
              Pointwise(FloatEq(), {0.75F, 0.25F, 0.0F,     //
                                    0.5F, 0.25F, 0.25F}));  // ([.5 0 .5] + [.5 .5 0]) / 2
}

TEST(UnitMergeTest, OneUnitAPieceChangesNothing) {
  const auto merged = merge_to_units(kPieces, make_unit_map(std::array{0, 1, 2}, 3),
                                     make_unit_map(std::array{0, 1, 2, 3}, 4));
  EXPECT_EQ(merged.weights, kPieces.weights);
}

TEST(UnitMergeTest, APieceOfSeveralUnitsSharesItsWeight) {
  // Characters: the first source piece has two, the first target piece two.
  const UnitMap rows{4, {{0, 1}, {2}, {3}}};
  const UnitMap columns{5, {{0, 1}, {2}, {3}, {4}}};
  const auto merged = merge_to_units(kPieces, rows, columns);
  EXPECT_THAT(merged.weights, ElementsAre(0.25F, 0.25F, 0.25F, 0.25F, 0.0F,  //
                                          0.25F, 0.25F, 0.25F, 0.25F, 0.0F,  //
                                          0.0F, 0.0F, 0.5F, 0.0F, 0.5F,      //
                                          0.125F, 0.125F, 0.25F, 0.5F, 0.0F));
}

TEST(UnitMergeTest, RowsStayDistributions) {
  const UnitMap rows{3, {{0}, {0, 1, 2}, {2}}};
  const UnitMap columns{3, {{0, 1, 2}, {1}, {1, 2}, {0}}};
  const auto merged = merge_to_units(kPieces, rows, columns);
  for (int row = 0; row < merged.rows; ++row) {
    float sum = 0;
    for (int column = 0; column < merged.columns; ++column) sum += merged.at(row, column);
    EXPECT_THAT(sum, FloatNear(1.0F, 1e-6F)) << row;
  }
}

TEST(UnitMergeTest, LeavesOutPiecesOfNoUnitAndZeroesUnitsWithoutPieces) {
  const auto merged = merge_to_units(kPieces, make_unit_map(std::array{-1, 0, -1}, 2),
                                     make_unit_map(std::array{0, -1, -1, 2}, 3));
  EXPECT_THAT(merged.weights, ElementsAre(0.0F, 0.0F, 0.5F, 0.0F, 0.0F, 0.0F));
}

TEST(UnitMergeTest, RefusesMapsThatDoNotFit) {
  const UnitMap rows = make_unit_map(std::array{0, 1, 2}, 3);
  EXPECT_THROW(merge_to_units(kPieces, rows, rows), std::invalid_argument);
  EXPECT_THROW(merge_to_units(kPieces, rows, make_unit_map(std::array{0, 1, 2, 3}, 3)),
               std::invalid_argument);
  EXPECT_THROW(merge_to_units(kPieces, make_unit_map(std::array{0, -2, 1}, 2),
                              make_unit_map(std::array{0, 1, 2, 3}, 4)),
               std::invalid_argument);
}

}  // namespace
}  // namespace heed
