#include "data/nearest.h"

#include <gtest/gtest.h>

namespace heed {
namespace {

TEST(Nearest, FewestEdits) {
  EXPECT_EQ(nearest("sead", {"speed", "seed", "need"}), "seed");
  EXPECT_EQ(nearest("", {"abc", "a"}), "a");
}

TEST(Nearest, DistanceIsSymmetricAndCountsEdits) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("sitting", "kitten"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
}

}  // namespace
}  // namespace heed
