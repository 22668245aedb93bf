#include "data/text_cutter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/language.h"
#include "data/random.h"
#include "data/utf8.h"
#include "data/white_space.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr TextLevel kLevels[] = {TextLevel::kSentence, TextLevel::kClause, TextLevel::kWord,
                                 TextLevel::kCharacter, TextLevel::kCodePoint};

std::vector<std::string> cut(const std::string& text, TextLevel level,
                             const std::string& language = "") {
  std::vector<std::string> stretches;
  for (const TextRange& range : TextCutter(language).cut(text, level))
    stretches.push_back(text.substr(range.begin, range.end - range.begin));
  return stretches;
}

TEST(TextCutter, Sentences) {
  EXPECT_THAT(cut(" One. Two?  Three! \"Four.\" five", TextLevel::kSentence),
              ElementsAre("One.", "Two?", "Three!", "\"Four.\" five"));
  EXPECT_THAT(cut("猫だ。犬だ！「鳥だ。」魚", TextLevel::kSentence),
              ElementsAre("猫だ。", "犬だ！", "「鳥だ。」", "魚"));
  EXPECT_THAT(cut("It was 3.5 km, i.e. far.", TextLevel::kSentence),
              ElementsAre("It was 3.5 km, i.e. far."));
}

TEST(TextCutter, SentencesOfTokenizedText) {
  EXPECT_THAT(cut("no . i 'm sorry , mr . x ... a3.5 . . . so ? yes .", TextLevel::kSentence),
              ElementsAre("no .", "i 'm sorry , mr .", "x ... a3.5 . . .", "so ?", "yes ."));
}

TEST(TextCutter, KnowsTheAbbreviationsOfALanguage) {
  const std::string text = "Mr. Jones left. Mrs. Jones came.";
  EXPECT_EQ(cut(text, TextLevel::kSentence).size(), 4U);
  for (const char* english : {"en", "English", "en-GB"})
    EXPECT_THAT(cut(text, TextLevel::kSentence, english),
                ElementsAre("Mr. Jones left.", "Mrs. Jones came."));
}

TEST(TextCutter, MarksAloneAreNoSentence) {
  EXPECT_THAT(cut("? One. ... ! Two.", TextLevel::kSentence), ElementsAre("? One. ... !", "Two."));
  EXPECT_THAT(cut("... !", TextLevel::kSentence), ElementsAre("... !"));
}

TEST(TextCutter, Clauses) {
  EXPECT_THAT(cut("1,000 men, old; (\"so,\") he: a", TextLevel::kClause),
              ElementsAre("1,000 men,", "old;", "(\"so,\")", "he:", "a"));
  EXPECT_THAT(cut("猫、犬；鳥", TextLevel::kClause), ElementsAre("猫、", "犬；", "鳥"));
}

TEST(TextCutter, WordsAndCharacters) {
  EXPECT_THAT(cut("\ta  b\u3000c ", TextLevel::kWord), ElementsAre("a", "b", "c"));
  EXPECT_THAT(cut("e\u0301 👨‍👩‍👧🇩🇪", TextLevel::kCharacter),
              ElementsAre("e\u0301", "👨‍👩‍👧", "🇩🇪"));
  EXPECT_THAT(cut("e\u0301", TextLevel::kCodePoint), ElementsAre("e", "\u0301"));
}

TEST(TextCutter, WhiteSpaceAloneHasNothing) {
  for (const TextLevel level : kLevels) {
    EXPECT_THAT(cut("", level), IsEmpty());
    EXPECT_THAT(cut(" \t\u3000\u2029 ", level), IsEmpty());
  }
}

TEST(TextCutter, LosesNothingButWhiteSpace) {
  const std::vector<std::string> alphabet{
      "a",      "B",      " ",  ".",  "。", "中",     "\u0301", "👨", "\u200D",
      "🇩🇪",     "「",     "」", ",",  "\t", "\u3000", "\u2028", "1", std::string(1, '\0'),
      "\u0E01", "\u06D4", "\"", "Mr."};
  SplitMix64 random(5);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (std::size_t i = random.uniform_below(60); i > 0; --i)
      text += alphabet[random.uniform_below(alphabet.size())];
    for (const TextLevel level : kLevels) {
      std::size_t end = 0;
      for (const TextRange& range : TextCutter("English").cut(text, level)) {
        ASSERT_LT(range.begin, range.end);
        EXPECT_TRUE(is_blank(text.substr(end, range.begin - end)));
        EXPECT_TRUE(is_valid_utf8(text.substr(range.begin, range.end - range.begin)));
        end = range.end;
      }
      EXPECT_TRUE(is_blank(text.substr(end)));
    }
  }
}

TEST(Language, IsFoundByCodeLocaleOrName) {
  for (const char* name : {"de", "de_AT", "de-CH", "German", "german", "deu"})
    EXPECT_EQ(language_code(name), "de") << name;
  for (const char* name : {"", "xx-toy", "Klingonese", "source", "\xff"})
    EXPECT_EQ(language_code(name), std::nullopt) << name;
}

TEST(Language, KnowsWhoSeparatesWords) {
  for (const char* name : {"Japanese", "zh_TW", "Thai", "Burmese"})
    EXPECT_EQ(separates_words(name), false) << name;
  for (const char* name : {"en", "Korean", "Arabic"})
    EXPECT_EQ(separates_words(name), true) << name;
  EXPECT_EQ(separates_words("toy"), std::nullopt);
  for (const char32_t c : {U'中', U'か', U'カ', U'。', U'、', U'！', U'ก'})
    EXPECT_TRUE(is_of_unspaced_writing(c));
  for (const char32_t c : {U'a', U'.', U'한', U' ', U'1', U'é', U'“'})
    EXPECT_FALSE(is_of_unspaced_writing(c));
}

}  // namespace
}  // namespace heed
