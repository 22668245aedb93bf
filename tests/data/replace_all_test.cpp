#include "data/replace_all.h"

#include <gtest/gtest.h>

namespace heed {
namespace {

TEST(ReplaceAll, GoesFromLeftToRightOnce) {
  EXPECT_EQ(replace_all("", "a", "b"), "");
  EXPECT_EQ(replace_all("abcab", "ab", "x"), "xcx");
  EXPECT_EQ(replace_all("aaa", "aa", "b"), "ba");
  EXPECT_EQ(replace_all("&amp;lt;", "&amp;", "&"), "&lt;");
  EXPECT_EQ(replace_all("aa", "a", "aa"), "aaaa");  // what was put in stays
  EXPECT_EQ(replace_all(std::string_view("\0b\0", 3), std::string_view("\0", 1), ""), "b");
}

TEST(ReplaceAll, TakesLinearTime) {  // else hours
  constexpr std::size_t kMany = 10'000'000;
  EXPECT_EQ(replace_all(std::string(kMany, '<'), "<", "&lt;").size(), 4 * kMany);
}

}  // namespace
}  // namespace heed
