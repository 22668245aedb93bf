#include "data/case_folding.h"

#include <gtest/gtest.h>

namespace heed {
namespace {

TEST(FoldCase, LeavesNoCaseNoWidthAndNoCompatibility) {
  EXPECT_EQ(fold_case("\uFF2Byoto"), "kyoto");  // fullwidth K
  EXPECT_EQ(fold_case("KYOTO"), "kyoto");
  EXPECT_EQ(fold_case("Stra\u00DFe"), "strasse");
  EXPECT_EQ(fold_case("\uFB01ne"), "fine");              // the ligature fi
  EXPECT_EQ(fold_case("\uFF76\uFF9E"), "\u30AC");        // halfwidth ka and voice mark: ga
  EXPECT_EQ(fold_case("\u03A3\u03C2"), "\u03C3\u03C3");  // capital and final sigma
  EXPECT_EQ(fold_case("\uFF11\u2461"), "12");
}

TEST(FoldCase, IsOfOneSpelling) {
  EXPECT_EQ(fold_case("E\u0301"), "\u00E9");  // composed
  for (const char* text : {"\u0130STANBUL", "\uFF2Byoto", "\u1E9E", "a\u0300\u0301"})
    EXPECT_EQ(fold_case(fold_case(text)), fold_case(text)) << text;
}

TEST(FoldCase, LeavesTheRestAsItIs) {
  for (const char* text : {"", "abc 1.", "\u4EAC\u90FD", "\U0001F600"})
    EXPECT_EQ(fold_case(text), text);
  EXPECT_EQ(fold_case("\u00AD"), "");  // a soft hyphen is nothing to see
}

}  // namespace
}  // namespace heed
