#include "app/report/attention_figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "app/errors.h"
#include "app/report/attention_text.h"
#include "app/report/figure_png.h"
#include "app/report/text_width.h"

namespace heed {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

AttentionRecord make_record() {
  AttentionRecord record;
  record.line = 7;
  record.src_units = {"a", "ねこ", "</s>"};
  record.tgt_units = {"x", "y", "</s>"};
  record.log_probability = -1.5;
  record.links = {{0, 0}, {1, 1}};
  for (int head = 0; head < 2; ++head)
    record.matrices.push_back({AttentionKind::kCross, 0, head, 3, 3,
                               head == 0 ? std::vector<float>{1, 0, 0, 0, 1, 0, 0, 0, 1}
                                         : std::vector<float>{0, 1, 0, 0, 1, 0, 0, 0, 1}});
  return record;
}

std::string svg_of(const Figure& figure) {
  std::ostringstream out;
  write_svg(out, figure);
  return out.str();
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::string text_of(const AttentionRecord& record, const TextOptions& options = {}) {
  std::ostringstream out;
  write_attention_text(out, record, {}, options);
  return out.str();
}

TEST(HeadMeanTest, AveragesWhatIsSelected) {
  const AttentionRecord record = make_record();
  EXPECT_EQ(mean_of_heads(record, {}).weights,
            (std::vector<float>{0.5F, 0.5F, 0, 0, 1, 0, 0, 0, 1}));
  PictureSelection one;
  one.layers = {-1};
  one.heads = {1};
  EXPECT_EQ(mean_of_heads(record, one).weights, record.matrices[1].weights);
  one.heads = {2};
  EXPECT_THROW(mean_of_heads(record, one), UsageError);
}

TEST(AttentionFigureTest, HasACellAWeightAndADiscALink) {
  const std::string svg = svg_of(draw_heat_map(make_record(), {}));
  EXPECT_EQ(count(svg, "<circle"), 2U);
  EXPECT_EQ(count(svg, "width=\"25\" height=\"25\""), 9U);
  EXPECT_THAT(svg, HasSubstr(">ねこ</text>"));
  EXPECT_THAT(svg, Not(HasSubstr("missed")));
}

TEST(AttentionFigureTest, TellsHitsMissesAndFalseLinksByShape) {
  AttentionRecord record = make_record();
  record.gold_sure = {{0, 0}, {0, 1}};
  record.gold_possible = record.gold_sure;
  const std::string svg = svg_of(draw_heat_map(record, {}));
  EXPECT_EQ(count(svg, "<circle"), 2U);  // the hit, and the key
  EXPECT_THAT(svg, HasSubstr(">missed</text>"));
  const std::string links = svg_of(draw_link_figure(record));
  EXPECT_EQ(count(links, "stroke-dasharray"), 2U);  // one false, one missed
  EXPECT_EQ(count(links, "<circle"), 1U);           // the ring of the missed one
}

TEST(AttentionFigureTest, HostileTextIsEscaped) {
  AttentionRecord record = make_record();
  record.src_units[0] = "</svg><script>&\"'\x01\xFF";
  for (const Figure& figure : {draw_heat_map(record, {}), draw_link_figure(record)}) {
    const std::string svg = svg_of(figure);
    EXPECT_EQ(count(svg, "</svg>"), 1U);
    EXPECT_THAT(svg, HasSubstr("&lt;/svg&gt;&lt;script&gt;&amp;\"'\xEF\xBF\xBD\xEF\xBF\xBD"));
  }
}

TEST(AttentionFigureTest, BecomesPixels) {
  std::ostringstream out;
  if (!can_write_png()) {
    EXPECT_THROW(write_png(out, draw_heat_map(make_record(), {})), std::runtime_error);
    GTEST_SKIP() << "built without Pango";
  }
  Figure figure = draw_heat_map(make_record(), {});
  write_png(out, figure, 2.0);
  const std::string png = out.str();
  EXPECT_EQ(png.substr(0, 4), "\x89PNG");
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(png[i]); };
  EXPECT_EQ(byte(18) * 256 + byte(19), static_cast<int>(std::ceil(2 * figure.width)));
  figure.width = 1e6;
  EXPECT_THROW(write_png(out, figure), std::runtime_error);
}

TEST(AttentionTextTest, DrawsBlocksWithWideLabelsInLine) {
  EXPECT_EQ(text_of(make_record()),
            "line 7: log-probability -1.50\n"
            "     a\n"
            "     | ねこ\n"
            "     | | </s>\n"
            "   x ▓*▓▓    0.50 a\n"
            "   y   █*    1.00 ねこ\n"
            "</s>     ██  1.00 </s>\n");
}

TEST(AttentionTextTest, MarksGoldBySigns) {
  AttentionRecord record = make_record();
  record.gold_sure = record.gold_possible = {{0, 0}, {0, 1}};
  const std::string text = text_of(record);
  EXPECT_THAT(text, HasSubstr("AER 50.0 %"));
  EXPECT_THAT(text, HasSubstr("   x ▓*▓▓"));
  EXPECT_THAT(text, HasSubstr("   y  o█x"));
}

TEST(AttentionTextTest, ColoursOnlyWhereAsked) {
  EXPECT_THAT(text_of(make_record()), Not(HasSubstr("\x1b")));
  EXPECT_THAT(text_of(make_record(), {TextShading::k256, 100}), HasSubstr("\x1b[48;5;"));
  EXPECT_THAT(text_of(make_record(), {TextShading::kTrueColour, 100}), HasSubstr("\x1b[48;2;"));
}

TEST(AttentionTextTest, CutsIntoPartsThatFit) {
  std::istringstream lines(text_of(make_record(), {TextShading::kBlocks, 27}));
  std::size_t widest = 0, rows = 0;
  for (std::string line; std::getline(lines, line); ++rows)
    if (rows > 0) widest = std::max(widest, text_columns(line));
  EXPECT_LE(widest, 27U);
  EXPECT_GT(rows, 10U);
}

TEST(AttentionTextTest, ControlsOfTheTerminalDoNotGetThrough) {
  AttentionRecord record = make_record();
  record.src_units[0] = "\x1b]0;pwned\x07\xE2\x80\xAE";
  const std::string text = text_of(record);
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\xE2\x80\xAE")));
}

TEST(TextWidthTest, CountsColumns) {
  EXPECT_EQ(text_columns("abc"), 3U);
  EXPECT_EQ(text_columns("猫ﾈ"), 3U);
  EXPECT_EQ(text_columns("e\u0301\u200D"), 1U);
  EXPECT_EQ(fit_to_columns("猫猫猫", 5), "猫猫…");
  EXPECT_EQ(fit_to_columns("猫猫猫", 6), "猫猫猫");
  EXPECT_EQ(fit_to_columns("abc", 0), "");
}

TEST(ColourRampTest, GoesFromLightToDark) {
  EXPECT_FALSE(is_dark(ramp_colour(0.0)));
  EXPECT_TRUE(is_dark(ramp_colour(1.0)));
  EXPECT_EQ(ramp_colour(NAN), ramp_colour(0.0));
  EXPECT_EQ(ramp_colour(7.0), ramp_colour(1.0));
}

}  // namespace
}  // namespace heed
