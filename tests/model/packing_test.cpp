#include "model/packing.h"

#include <gtest/gtest.h>

#include "tests/support/aten_ops.h"
#include "tests/support/tiny_model.h"

namespace heed {
namespace {

TEST(PackingTest, SentencesLieOneAfterAnother) {
  const PackedIds packed = pack({{5, 6}, {7}, {}}, /*before=*/-1, /*after=*/3);
  EXPECT_TRUE(at::equal(packed.ids, at::tensor({5, 6, 3, 7, 3, 3}, at::kLong)));
  EXPECT_TRUE(at::equal(packed.packing.offsets(), at::tensor({0, 3, 5, 6}, at::kInt)));
  EXPECT_TRUE(at::equal(packed.packing.positions(), at::tensor({0, 1, 2, 0, 1, 0}, at::kInt)));
  EXPECT_EQ(packed.packing.batch(), 3);
  EXPECT_EQ(packed.packing.rows(), 6);
  EXPECT_EQ(packed.packing.longest(), 3);
  EXPECT_EQ(packed.packing.begin(1), 3);
  EXPECT_EQ(packed.packing.length(1), 2);
}

TEST(PackingTest, OpensWithBefore) {
  const PackedIds packed = pack({{5, 6}, {}}, 2, -1);
  EXPECT_TRUE(at::equal(packed.ids, at::tensor({2, 5, 6, 2}, at::kLong)));
  EXPECT_TRUE(at::equal(packed.packing.offsets(), at::tensor({0, 3, 4}, at::kInt)));
  EXPECT_TRUE(at::equal(pack({{}}, 2, 3).ids, at::tensor({2, 3}, at::kLong)));
}

TEST(PackingTest, PadsOnTheRightWithZeros) {
  const PackedIds packed = pack({{5, 6, 8}, {}, {7}}, -1, -1);
  EXPECT_TRUE(at::equal(packed.packing.pad(packed.ids),
                        at::tensor({5, 6, 8, 0, 0, 0, 7, 0, 0}, at::kLong).view({3, 3})));
  EXPECT_TRUE(at::equal(packed.packing.is_token(at::kCPU),
                        at::tensor({1, 1, 1, 0, 0, 0, 1, 0, 0}).view({3, 3}) > 0));
}

TEST(PackingTest, UnpadLeavesOutWhatStandsOnPadding) {
  const Packing packing = pack({{5}, {6, 8}}, -1, -1).packing;
  const at::Tensor rows = at::randn({3, 4, 2});
  EXPECT_TRUE(at::equal(packing.unpad(packing.pad(rows)), rows));
  EXPECT_TRUE(
      at::equal(packing.unpad(at::tensor({1, 99, 2, 3}).view({2, 2})), at::tensor({1, 2, 3})));
}

TEST(PackingTest, NoSentencesAreNoRows) {
  const PackedIds packed = pack({}, -1, 3);
  EXPECT_EQ(packed.ids.sizes(), (std::vector<std::int64_t>{0}));
  EXPECT_EQ(packed.packing.batch(), 0);
  EXPECT_EQ(packed.packing.pad(packed.ids).sizes(), (std::vector<std::int64_t>{0, 0}));
}

TEST(PackingTest, EmptySentencesPadToNothing) {
  const PackedIds packed = pack({{}, {}}, -1, -1);
  EXPECT_EQ(packed.packing.rows(), 0);
  EXPECT_EQ(packed.packing.is_token(at::kCPU).sizes(), (std::vector<std::int64_t>{2, 0}));
}

TEST(PackingTest, AnyIdInsideASentenceIsAToken) {
  const PackedIds packed = pack({{0, 4}}, -1, -1);
  EXPECT_TRUE(at::equal(packed.ids, at::tensor({0, 4}, at::kLong)));
  EXPECT_TRUE(packed.packing.is_token(at::kCPU).all().item<bool>());
}

}  // namespace
}  // namespace heed
