#include "model/id_batch.h"

#include <gtest/gtest.h>

#include "tests/support/aten_ops.h"
#include "tests/support/tiny_model.h"

namespace heed {
namespace {

TEST(IdBatchTest, PadsOnTheRight) {
  const IdMatrix matrix = pad({{5, 6}, {7}, {}}, /*before=*/-1, /*after=*/3);
  EXPECT_TRUE(at::equal(matrix.ids, at::tensor({5, 6, 3, 7, 3, 0, 3, 0, 0}).view({3, 3})));
  EXPECT_TRUE(at::equal(matrix.is_token, at::tensor({1, 1, 1, 1, 1, 0, 1, 0, 0}).view({3, 3}) > 0));
}

TEST(IdBatchTest, OpensWithBefore) {
  const IdMatrix matrix = pad({{5, 6}, {}}, 2, -1);
  EXPECT_TRUE(at::equal(matrix.ids, at::tensor({2, 5, 6, 2, 0, 0}).view({2, 3})));
  EXPECT_TRUE(at::equal(matrix.is_token, at::tensor({1, 1, 1, 1, 0, 0}).view({2, 3}) > 0));
}

TEST(IdBatchTest, NoRowsAreNoRows) {
  EXPECT_EQ(pad({}, -1, 3).ids.sizes(), (std::vector<std::int64_t>{0, 1}));
}

TEST(IdBatchTest, APadIdInsideASentenceIsAToken) {
  EXPECT_TRUE(pad({{kTestPad, 4}}, -1, -1).is_token.all().item<bool>());
}

}  // namespace
}  // namespace heed
