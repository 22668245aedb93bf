#include "data/text_units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "data/white_space.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Unit = TextUnit;

TEST(WhiteSpace, IsUnicodes) {
  for (const char32_t c : {0x20, 0x9, 0xA, 0xD, 0x85, 0xA0, 0x1680, 0x2003, 0x2028, 0x3000}) {
    EXPECT_TRUE(is_white_space(c)) << std::hex << static_cast<std::uint32_t>(c);
  }
  for (const char32_t c : {0x0, 0x61, 0x200B, 0x2581, 0xFEFF}) {
    EXPECT_FALSE(is_white_space(c)) << std::hex << static_cast<std::uint32_t>(c);
  }
  EXPECT_TRUE(is_blank(""));
  EXPECT_TRUE(is_blank(" \t\u3000\u00A0"));
  EXPECT_FALSE(is_blank(" \u3000a"));
}

TEST(SplitWords, AtWhiteSpaceOfAscii) {
  EXPECT_THAT(split_words(" ab\tc\r\u732B  d\v\fe\n"),
              ElementsAre(Unit{"ab", 1, 3}, Unit{"c", 4, 5}, Unit{"\u732B", 6, 9},
                          Unit{"d", 11, 12}, Unit{"e", 14, 15}));
  EXPECT_THAT(split_words(""), IsEmpty());
  EXPECT_THAT(split_words(" \t\r\n"), IsEmpty());
}

// Files of links count so, whoever made them: in KFTT an ideographic space is a word.
TEST(SplitWords, WiderSpacesAreWordsOrPartOfThem) {
  EXPECT_THAT(split_words("a \u3000 b\u00A0c\u2003"),
              ElementsAre(Unit{"a", 0, 1}, Unit{"\u3000", 2, 5}, Unit{"b\u00A0c\u2003", 6, 13}));
  EXPECT_THAT(split_words("\u3000"), ElementsAre(Unit{"\u3000", 0, 3}));
}

TEST(SplitWordParts, PunctuationIsApart) {
  EXPECT_THAT(split_word_parts("(ab's) c-d."),
              ElementsAre(Unit{"(", 0, 1}, Unit{"ab's", 1, 5}, Unit{")", 5, 6}, Unit{"c", 7, 8},
                          Unit{"-", 8, 9}, Unit{"d", 9, 10}, Unit{".", 10, 11}));
  EXPECT_THAT(split_word_parts(" \u3000"), IsEmpty());
}

TEST(SplitWordParts, TextWithoutSpacesIsSplitAndSegmentedTextIsNot) {
  const auto texts = [](std::string_view line) {
    std::vector<std::string> parts;
    for (const Unit& unit : split_word_parts(line)) parts.push_back(unit.text);
    return parts;
  };
  EXPECT_THAT(texts("これは大きい家です。"),
              ElementsAre("これ", "は", "大きい", "家", "です", "。"));
  EXPECT_THAT(texts("山 は 大きかった です。"),
              ElementsAre("山", "は", "大きかった", "です", "。"));
}

TEST(SplitCharacters, KeepsClustersTogether) {
  const std::string accent = "e\u0301";
  const std::string family = "\U0001F468\u200D\U0001F469\u200D\U0001F467";
  const std::string flag = "\U0001F1EF\U0001F1F5";
  EXPECT_THAT(split_characters("a " + accent + "\u732B" + family + flag),
              ElementsAre(Unit{"a", 0, 1}, Unit{accent, 2, 5}, Unit{"\u732B", 5, 8},
                          Unit{family, 8, 26}, Unit{flag, 26, 34}));
  EXPECT_THAT(split_characters(""), IsEmpty());
  EXPECT_THAT(split_characters(" \u3000\r\n"), IsEmpty());
}

TEST(SplitUnits, ByKind) {
  const std::vector<Piece> pieces = {{5, "\u2581ab", 0, 2}, {6, "c", 2, 3}};
  EXPECT_EQ(split_units("ab c", UnitKind::kWord), split_words("ab c"));
  EXPECT_EQ(split_units("ab c", UnitKind::kCharacter), split_characters("ab c"));
  EXPECT_THAT(split_units("abc", UnitKind::kPiece, pieces),
              ElementsAre(Unit{"\u2581ab", 0, 2}, Unit{"c", 2, 3}));
}

TEST(IsPunctuation, IsWithoutLetters) {
  for (const char* text : {".", "。", "?!", "”", "▁."})
    EXPECT_TRUE(is_punctuation({text, 0, 1})) << text;
  for (const char* text : {"", "a.", "▁", "5", "か", "$"})
    EXPECT_FALSE(is_punctuation({text, 0, 1})) << text;
}

TEST(JoinWords, KeepsWordsAsUnits) {
  const UnitLine joined = join_words("\u732B \u304C \t\u3044\u308B", "");
  EXPECT_EQ(joined.text, "\u732B\u304C\u3044\u308B");
  EXPECT_THAT(joined.units,
              ElementsAre(Unit{"\u732B", 0, 3}, Unit{"\u304C", 3, 6}, Unit{"\u3044\u308B", 6, 12}));
  const UnitLine spaced = join_words(" a  b ", " ");
  EXPECT_EQ(spaced.text, "a b");
  EXPECT_EQ(spaced.units, split_words("a b"));
  EXPECT_EQ(join_words("", "").text, "");
  EXPECT_THAT(join_words(" ", "").units, IsEmpty());
}

/// A piece that is no control symbol.
Piece at(std::size_t begin, std::size_t end) {
  return {10, "piece", begin, end};
}

Unit unit(std::size_t begin, std::size_t end) {
  return {"unit", begin, end};
}

using Map = std::vector<std::vector<int>>;

Map map(const std::vector<Piece>& pieces, const std::vector<Unit>& units) {
  return map_pieces_to_units(pieces, units);
}

// "the cats": pieces "▁the", "▁cat" (with the space before it), "s".
TEST(MapPieces, ToTheWordTheyOverlap) {
  EXPECT_EQ(map({at(0, 3), at(3, 7), at(7, 8)}, {unit(0, 3), unit(4, 8)}), (Map{{0}, {1}, {1}}));
}

TEST(MapPieces, ToEveryWordTheySpan) {
  EXPECT_EQ(map({at(0, 7), at(7, 12)}, {unit(0, 3), unit(3, 6), unit(6, 12)}),
            (Map{{0, 1, 2}, {2}}));
}

// "a 猫b" with "▁" alone, then 猫 in three bytes, then "b".
TEST(MapPieces, WithoutBytesToTheUnitTheyLieIn) {
  const std::vector<Unit> words = {unit(0, 1), unit(2, 6)};
  EXPECT_EQ(map({at(0, 1), at(1, 2), at(2, 2), at(2, 2), at(2, 5), at(5, 6)}, words),
            (Map{{0}, {1}, {1}, {1}, {1}, {1}}));
  EXPECT_EQ(map({at(4, 4), at(4, 6)}, {unit(3, 6)}), (Map{{0}, {0}}));
}

TEST(MapPieces, OfWhiteSpaceToTheUnitThatFollows) {
  EXPECT_EQ(map({at(0, 0), at(0, 1), at(1, 2), at(2, 3), at(3, 5)}, {unit(0, 1), unit(2, 3)}),
            (Map{{0}, {0}, {1}, {1}, {}}));
}

TEST(MapPieces, OfControlSymbolsToNothing) {
  EXPECT_EQ(map({{kBosId, "<s>", 0, 0}, at(0, 1), {kPadId, "<pad>", 1, 1}, {kEosId, "</s>", 1, 1}},
                {unit(0, 1), unit(1, 2)}),
            (Map{{}, {0}, {}, {}}));
}

TEST(MapPieces, ThatAreTheUnitsToThemselves) {
  const std::vector<Piece> pieces = {at(0, 1), at(1, 1), at(1, 4), at(4, 5)};
  EXPECT_EQ(map(pieces, piece_units(pieces)), (Map{{0}, {1}, {2}, {3}}));
}

TEST(MapPieces, WithoutUnits) {
  EXPECT_EQ(map({at(0, 1)}, {}), (Map{{}}));
  EXPECT_EQ(map({}, {unit(0, 1)}), Map{});
}

}  // namespace
}  // namespace heed
