#include "app/translate/translation_join.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "app/translate/part_alignment.h"

namespace heed {
namespace {

/// What comes between `left` and `right`, translated from two texts with `space` between them.
std::string joined(const std::string& language, const std::string& src_left,
                   const std::string& space, const std::string& src_right, const std::string& left,
                   const std::string& right) {
  const TranslationJoiner joiner(language);
  const std::string line = src_left + space + src_right;
  const std::size_t begin = src_left.size() + space.size();
  return joiner.separator(line, {0, src_left.size()}, {begin, line.size()}, left, right);
}

TEST(TranslationJoin, KeepsTheSpacesOfTheLine) {
  EXPECT_EQ(joined("", "A.", " ", "B.", "C.", "D."), " ");
  EXPECT_EQ(joined("German", "A.", "  ", "B.", "C.", "D."), "  ");
  EXPECT_EQ(joined("", "A.", "\t", "B.", "猫。", "犬。"), "\t");
  EXPECT_EQ(joined("", "ab", "", "cd", "ef", "gh"), "");
}

TEST(TranslationJoin, LeavesSpacesOutWhereTheOutputIsWrittenWithoutThem) {
  EXPECT_EQ(joined("Japanese", "A.", " ", "B.", "猫。", "犬。"), "");
  EXPECT_EQ(joined("", "A.", " ", "B.", "猫。", "PC。"), "");
  EXPECT_EQ(joined("ja", "A.", " ", "B.", "OK.", "Yes."), " ");
  EXPECT_EQ(joined("en", "A.", " ", "B.", "猫。", "犬。"), " ");
}

TEST(TranslationJoin, KeepsSpacesInSegmentedOutput) {
  EXPECT_EQ(joined("ja", "A.", " ", "B.", "猫 だ 。", "犬 だ 。"), " ");
  EXPECT_EQ(joined("ja", "猫。", "", "犬。", "猫 だ 。", "犬 だ 。"), " ");
}

TEST(TranslationJoin, AddsASpaceBehindALineWithoutThem) {
  EXPECT_EQ(joined("English", "猫。", "", "犬。", "A cat.", "A dog."), " ");
  EXPECT_EQ(joined("", "猫。", "", "犬。", "A cat.", "A dog."), " ");
  EXPECT_EQ(joined("zh", "猫。", "", "犬。", "猫。", "狗。"), "");
}

Translation output(const std::string& text, double score) {
  Translation translation;
  translation.text = text;
  translation.hypothesis = {{7}, 2 * score, score};
  translation.pieces = {{7, text, 0, text.size()}};
  translation.parts = {{{0, 1}, {0, text.size()}, 0, 1}};
  return translation;
}

TEST(TranslationJoin, OffsetsPiecesAndParts) {
  const std::vector<TextRange> parts{{0, 2}, {3, 5}, {6, 8}};
  const std::vector<std::vector<Translation>> outputs{
      {output("cd", -1)}, {output("", -2)}, {output("ef", -3)}};
  const auto results = TranslationJoiner("").join("a. b. c.", parts, outputs, 1);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].text, "cd ef");
  EXPECT_EQ(results[0].hypothesis.tokens, (std::vector<std::int32_t>{7, 7, 7}));
  EXPECT_DOUBLE_EQ(results[0].hypothesis.score, -6);
  EXPECT_DOUBLE_EQ(results[0].hypothesis.log_prob, -12);
  for (std::size_t i = 0; i < 3; ++i) {
    const TranslatedPart& part = results[0].parts[i];
    EXPECT_EQ(part.src, parts[i]);
    EXPECT_EQ(part.first_piece, i);
    EXPECT_EQ(part.last_piece, i + 1);
    EXPECT_EQ(results[0].text.substr(part.tgt.begin, part.tgt.end - part.tgt.begin),
              results[0].pieces[i].text);
    EXPECT_EQ(results[0].pieces[i].begin, part.tgt.begin);
  }
}

TEST(TranslationJoin, NBestAreTheGreatestSums) {
  const std::vector<TextRange> parts{{0, 1}, {2, 3}, {4, 5}};
  const std::vector<std::vector<Translation>> outputs{
      {output("a", -1.0), output("b", -1.5), output("c", -4.0)},
      {output("d", -2.0), output("e", -2.1), output("f", -2.2)},
      {output("g", -0.5), output("h", -3.0)}};
  std::vector<std::pair<double, std::string>> all;
  for (const Translation& x : outputs[0])
    for (const Translation& y : outputs[1])
      for (const Translation& z : outputs[2])
        all.emplace_back(-(x.hypothesis.score + y.hypothesis.score + z.hypothesis.score),
                         x.text + " " + y.text + " " + z.text);
  std::sort(all.begin(), all.end());
  for (std::size_t n = 1; n <= 20; ++n) {
    const auto results = TranslationJoiner("").join("1 2 3", parts, outputs, n);
    ASSERT_EQ(results.size(), std::min(n, all.size()));
    for (std::size_t i = 0; i < results.size(); ++i) {
      EXPECT_DOUBLE_EQ(-results[i].hypothesis.score, all[i].first);
      EXPECT_EQ(results[i].text, all[i].second);
    }
  }
}

TEST(PartAlignment, LinksOfAPartAreMovedToTheLine) {
  PartInput part;
  part.first_src_unit = 3;
  part.first_tgt_unit = 5;
  const auto links = part.of_line({{0, 1, 0.5}});
  ASSERT_EQ(links.size(), 1U);
  EXPECT_EQ(links[0], (Link{3, 6}));
  EXPECT_EQ(links[0].probability, 0.5);
}

}  // namespace
}  // namespace heed
