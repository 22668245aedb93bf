#include "app/translate/line_splitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/random.h"
#include "data/utf8.h"
#include "data/white_space.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

/// A piece a code point, white space aside.
std::vector<std::size_t> characters(std::string_view text) {
  std::vector<std::size_t> starts;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    if (!is_white_space(decode_code_point(text, at))) starts.push_back(begin);
  }
  return starts;
}

/// The same, and one for what begins a text: cut apart, texts have more pieces than in the whole.
std::vector<std::size_t> characters_and_a_mark(std::string_view text) {
  std::vector<std::size_t> starts = characters(text);
  if (!starts.empty()) starts.insert(starts.begin(), starts.front());
  return starts;
}

SplitLine split_line(const std::string& line, const SplitOptions& options,
                     const LineSplitter::PieceStarts& piece_starts = characters) {
  return LineSplitter("en", options, piece_starts).split(line, piece_starts(line).size());
}

std::vector<std::string> split(const std::string& line, const SplitOptions& options) {
  std::vector<std::string> parts;
  for (const TextRange& part : split_line(line, options).parts)
    parts.push_back(line.substr(part.begin, part.end - part.begin));
  return parts;
}

TEST(LineSplitter, LeavesALineThatFitsAsItIs) {
  EXPECT_THAT(split(" One. Two. ", {false, 8}), ElementsAre(" One. Two. "));
  EXPECT_THAT(split(" One. Two. ", {false, 0}), ElementsAre(" One. Two. "));
  EXPECT_THAT(split(" One. ", {true, 8}), ElementsAre(" One. "));
  EXPECT_THAT(split("", {true, 8}), ElementsAre(""));
  EXPECT_THAT(split("  ", {true, 8}), ElementsAre("  "));
}

TEST(LineSplitter, SentencesArePartsHoweverShort) {
  EXPECT_THAT(split(" One. Two. ", {true, 0}), ElementsAre("One.", "Two."));
  EXPECT_EQ(split_line("One. Two.", {true, 8}).excess_pieces, 0U);
}

TEST(LineSplitter, CutsFirstAtSentencesThenClausesWordsAndCharacters) {
  EXPECT_THAT(split("One. Two. Thr. Four.", {false, 10}), ElementsAre("One. Two.", "Thr. Four."));
  EXPECT_THAT(split("One, two, three four.", {false, 12}), ElementsAre("One, two,", "three four."));
  EXPECT_THAT(split("one two three", {false, 6}), ElementsAre("one two", "three"));
  EXPECT_THAT(split("abcdefgh", {false, 5}), ElementsAre("abcd", "efgh"));
  EXPECT_THAT(split("e\u0301e\u0301e\u0301", {false, 5}), ElementsAre("e\u0301e\u0301", "e\u0301"));
}

TEST(LineSplitter, CutsOnlyTheSentenceThatIsTooLong) {
  EXPECT_THAT(split("One. It is long, very long. Two.", {false, 12}),
              ElementsAre("One.", "It is long,", "very long.", "Two."));
  EXPECT_EQ(split_line("One. It is long, very long. Two.", {true, 12}).excess_pieces, 18U);
}

TEST(LineSplitter, PartsAreOfAboutOneLength) {
  std::string line;
  for (int i = 0; i < 30; ++i) line += "Ab cd. ";
  EXPECT_THAT(split(line, {false, 100}), ElementsAre(SizeIs(104), SizeIs(104)));
}

TEST(LineSplitter, ACodePointIsNeverCut) {
  const auto three_each = [](std::string_view text) {
    std::vector<std::size_t> starts;
    for (const std::size_t start : characters(text)) starts.insert(starts.end(), 3, start);
    return starts;
  };
  EXPECT_THAT(split_line("abc", {false, 2}, three_each).parts,
              ElementsAre(TextRange{0, 1}, TextRange{1, 2}, TextRange{2, 3}));
}

TEST(LineSplitter, WhiteSpaceOfManyPiecesIsAnEmptyPart) {
  const auto all = [](std::string_view text) { return std::vector<std::size_t>(text.size(), 0); };
  EXPECT_THAT(split_line("     ", {false, 2}, all).parts, ElementsAre(TextRange{0, 0}));
}

TEST(LineSplitter, LosesNothingAndKeepsTheLimit) {
  const std::vector<std::string> alphabet{
      "a",    "B",      " ",  ".", "。", "中",     "\u0301",
      "👨",    "\u200D", "、", ",", "\t", "\u3000", std::string(1, '\0'),
      "word "};
  SplitMix64 random(9);
  for (int round = 0; round < 400; ++round) {
    std::string line;
    for (std::size_t i = random.uniform_below(120); i > 0; --i)
      line += alphabet[random.uniform_below(alphabet.size())];
    const SplitOptions options{random.uniform_below(2) == 1, 2 + random.uniform_below(20)};
    const SplitLine result = split_line(line, options, characters_and_a_mark);
    std::size_t end = 0;
    ASSERT_FALSE(result.parts.empty());
    for (const TextRange& part : result.parts) {
      EXPECT_TRUE(is_blank(line.substr(end, part.begin - end)));
      const std::string text = line.substr(part.begin, part.end - part.begin);
      EXPECT_TRUE(is_valid_utf8(text));
      EXPECT_LE(characters_and_a_mark(text).size(), options.max_pieces);
      end = part.end;
    }
    EXPECT_TRUE(is_blank(line.substr(end)));
    EXPECT_EQ(result.excess_pieces > options.max_pieces, result.excess_pieces > 0);
  }
}

TEST(LineSplitter, LongLinesOfAnyKind) {
  std::string words;
  for (int i = 0; i < 20'000; ++i) words += "word ";
  for (const std::string& line : {std::string(200'000, 'x'), words}) {
    for (const TextRange& part : split_line(line, {false, 100}, characters_and_a_mark).parts)
      EXPECT_LE(part.end - part.begin, 125U);
  }
}

}  // namespace
}  // namespace heed
