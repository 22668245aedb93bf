#include "app/align/text_segmentation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace heed {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Lt;

constexpr Segmentation kEvery[] = {Segmentation::kWords, Segmentation::kPieces,
                                   Segmentation::kFinePieces};

/// A text of the given lines.
NumberedText number(const std::vector<std::string>& lines) {
  NumberedText text;
  for (const std::string& line : lines) text.add(split_words(line));
  return text;
}

NumberedText english() {
  return number({"The painter paints the painting .", "A walker walks and a talker talks .",
                 "painting and walking and talking ;", "", "he paints , she walks , I talk ."});
}

/// Words of both scripts, as in titles.
NumberedText japanese() {
  return number({"\u4EAC\u90FD \u306F NHK \u3067 \u3059", "\u6771\u4EAC \u306E \u90FD NHK"});
}

SegmentedSentence segment(const WordSegmenter& segmenter, std::string_view line) {
  return segmenter.segment(split_words(line));
}

/// The units of the only word.
WordIds spell(const WordSegmenter& segmenter, std::string_view word) {
  const SegmentedSentence sentence = segment(segmenter, word);
  EXPECT_EQ(sentence.num_words(), 1U);
  return sentence.ids;
}

TEST(NumberedTextTest, WordsAreTheSameInAnyCaseAndWidth) {
  const NumberedText text = number({"The cat", "", "\uFF23AT the \u4EAC\u90FD"});
  EXPECT_THAT(text.words(), ElementsAre("the", "cat", "\u4EAC\u90FD"));
  EXPECT_THAT(text.lines(), ElementsAre(WordIds{0, 1}, WordIds{}, WordIds{1, 0, 2}));
  EXPECT_EQ(text.find("cat"), 1);
  EXPECT_EQ(text.find("dog"), -1);
}

TEST(TextSegmentationTest, WordsAreTheirNumbers) {
  const NumberedText text = english();
  const WordSegmenter segmenter(Segmentation::kWords, text);
  EXPECT_EQ(segmenter.vocab_size(), text.words().size());
  const SegmentedSentence sentence = segment(segmenter, "PAINTING the unheard .");
  EXPECT_THAT(sentence.ids,
              ElementsAre(text.find("painting"), text.find("the"),
                          static_cast<std::int32_t>(text.words().size()), text.find(".")));
  EXPECT_THAT(sentence.word_of, ElementsAre(0, 1, 2, 3));
}

TEST(TextSegmentationTest, EachWordIsSpeltAlikeWhereverItStands) {
  for (const NumberedText& text : {english(), japanese()}) {
    for (const Segmentation segmentation : kEvery) {
      SCOPED_TRACE(static_cast<int>(segmentation));
      const WordSegmenter segmenter(segmentation, text);
      for (const WordIds& line : text.lines()) {
        const SegmentedSentence sentence = segmenter.segment(line);
        EXPECT_EQ(sentence.num_words(), line.size());
        EXPECT_EQ(sentence.ids.size(), sentence.word_of.size());
        EXPECT_TRUE(std::is_sorted(sentence.word_of.begin(), sentence.word_of.end()));
        EXPECT_THAT(sentence.ids, Each(Lt(static_cast<std::int32_t>(segmenter.vocab_size()))));
        WordIds one_by_one;
        std::string words;
        for (const std::int32_t word : line) {
          const std::string& spelling = text.words()[static_cast<std::size_t>(word)];
          const WordIds units = spell(segmenter, spelling);
          EXPECT_FALSE(units.empty());
          one_by_one.insert(one_by_one.end(), units.begin(), units.end());
          words += spelling + " ";
        }
        EXPECT_EQ(sentence.ids, one_by_one);
        EXPECT_EQ(segment(segmenter, words).word_of, sentence.word_of);
      }
    }
  }
}

TEST(TextSegmentationTest, PiecesAreSharedBetweenWords) {
  const NumberedText text = english();
  const WordSegmenter segmenter(Segmentation::kPieces, text);
  EXPECT_EQ(spell(segmenter, "PAINTS"), spell(segmenter, "paints"));
  const WordIds known = spell(segmenter, "walks");
  WordIds unknown = spell(segmenter, "walkst");  // of letters that are known
  EXPECT_THAT(unknown, Each(Lt(static_cast<std::int32_t>(segmenter.vocab_size()))));
  EXPECT_GT(unknown.size(), 1U);
  const bool shares = std::any_of(unknown.begin(), unknown.end(), [&](std::int32_t unit) {
    return std::any_of(text.words().begin(), text.words().end(), [&](const std::string& word) {
      const WordIds units = spell(segmenter, word);
      return std::find(units.begin(), units.end(), unit) != units.end();
    });
  });
  EXPECT_TRUE(shares);
}

TEST(TextSegmentationTest, FinePiecesOfDenseScriptsAreCharacters) {
  const NumberedText text = japanese();
  const WordSegmenter fine(Segmentation::kFinePieces, text);
  const WordIds kyoto = spell(fine, "\u4EAC\u90FD");
  const WordIds tokyo = spell(fine, "\u6771\u4EAC");
  ASSERT_EQ(kyoto.size(), 2U);
  ASSERT_EQ(tokyo.size(), 2U);
  EXPECT_EQ(kyoto[0], tokyo[1]);
  EXPECT_EQ(WordIds{kyoto[1]}, spell(fine, "\u90FD"));
  EXPECT_NE(tokyo[0], kyoto[1]);
  // An unknown word of known characters, and one with an unknown character.
  EXPECT_EQ(spell(fine, "\u6771\u90FD"), (WordIds{tokyo[0], kyoto[1]}));
  EXPECT_EQ(spell(fine, "\u6771\u5317"),
            (WordIds{tokyo[0], static_cast<std::int32_t>(fine.vocab_size())}));
  // Those of other words are pieces, and none of them is a character's.
  const WordIds latin = spell(fine, "nhk");
  EXPECT_THAT(latin, Each(Lt(*std::min_element(kyoto.begin(), kyoto.end()))));
}

TEST(TextSegmentationTest, TextOfCharactersAloneNeedsNoPieces) {
  const NumberedText text = number({"\u4EAC\u90FD \u6771\u4EAC"});
  const WordSegmenter fine(Segmentation::kFinePieces, text);
  EXPECT_EQ(fine.vocab_size(), 3U);
  EXPECT_THAT(spell(fine, "\u4EAC\u90FD"), ElementsAre(0, 1));
  EXPECT_THAT(spell(fine, "latin"), ElementsAre(3)) << "unknown";
}

TEST(TextSegmentationTest, WordsThatFoldToNothingHaveAUnit) {
  const NumberedText text = number({"a \u00AD \u2581 \u0301 \U0001F600 b", "\u00AD"});
  for (const Segmentation segmentation : kEvery) {
    const WordSegmenter segmenter(segmentation, text);
    EXPECT_EQ(segment(segmenter, "a \u00AD \u2581 \u0301 \U0001F600 b").num_words(), 6U);
    EXPECT_EQ(segmenter.segment(text.lines()[1]).num_words(), 1U);
  }
}

TEST(TextSegmentationTest, LinesMayBeEmpty) {
  const NumberedText text = english();
  for (const Segmentation segmentation : kEvery) {
    const WordSegmenter segmenter(segmentation, text);
    EXPECT_EQ(segment(segmenter, "").num_words(), 0U);
    EXPECT_EQ(segmenter.segment(WordIds{}).num_words(), 0U);
  }
}

}  // namespace
}  // namespace heed
