#include "data/script_profile.h"

#include <gtest/gtest.h>

#include "data/length_ratio.h"
#include "data/line_faults.h"

namespace heed {
namespace {

LetterCounts letters(const char* line) {
  return scan_line(line).letters;
}

std::string wrong(const ScriptProfile& profile, const char* line) {
  const Writing writing = profile.wrong_writing(letters(line));
  return writing == kNoWriting ? "" : writing_name(writing);
}

TEST(ScriptProfile, TellsALineOfAnotherScript) {
  ScriptProfile japanese;
  for (int i = 0; i < 20; ++i) {
    japanese.add(letters("これは日本語の文です。ひらがなとカタカナと漢字がある。"));
    japanese.add(letters(
        "その会社は Windows XP をまだ使っているが、新しいものに替えるつもりだそうである。"));
    japanese.add(
        letters("名前のない文もたくさんあって、それらはどれも普通の日本語で書かれている。"));
  }
  EXPECT_EQ(wrong(japanese, "This line was never translated."), "Latin");
  EXPECT_EQ(wrong(japanese, "Эта строка не переведена."), "Cyrillic");
  EXPECT_EQ(wrong(japanese, "漢字ばかりではなく、かなもある長い文。"), "");
  EXPECT_EQ(wrong(japanese, "Windows XP"), "");                             // a name
  EXPECT_EQ(wrong(japanese, "英名は「The Imperial Palace」である。"), "");  // a name in a sentence
  EXPECT_EQ(wrong(japanese, "2,000 : 1 (1998-2004) + 35 %%%%%%"), "");      // nobody's script
}

TEST(ScriptProfile, TwoUsualScriptsAreBothRight) {
  ScriptProfile both;
  for (int i = 0; i < 20; ++i) {
    both.add(letters("Ovo je rečenica na srpskom jeziku."));
    both.add(letters("Ово је реченица на српском језику."));
  }
  EXPECT_EQ(wrong(both, "Још једна реченица ћирилицом."), "");
  EXPECT_EQ(wrong(both, "Još jedna rečenica latinicom."), "");
  EXPECT_EQ(wrong(both, "これは日本語の長い文ですから違います。"), "Chinese or Japanese");
}

TEST(LengthRatio, OnlyFarPairsAreOutliers) {
  LengthRatio ratio;
  for (std::size_t i = 20; i < 120; ++i) ratio.add(2 * i, i + i % 7);
  EXPECT_NEAR(ratio.usual(), 0.53, 0.03);
  EXPECT_FALSE(ratio.is_outlier(100, 50));
  EXPECT_FALSE(ratio.is_outlier(100, 150));
  EXPECT_TRUE(ratio.is_outlier(100, 400));
  EXPECT_TRUE(ratio.is_outlier(100, 3));
  EXPECT_FALSE(ratio.is_outlier(20, 1));  // too short to tell
}

}  // namespace
}  // namespace heed
