#include "data/markup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <string>
#include <vector>

#include "data/markup_lexer.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> tags_of(const std::string& line) {
  std::vector<std::string> tags;
  for (const MarkupTag& tag : parse_markup(line).tags) tags.push_back(tag.text);
  return tags;
}

std::vector<std::string> placeholders_of(const std::string& line) {
  std::vector<std::string> placeholders;
  for (const Placeholder& place : parse_markup(line).placeholders)
    placeholders.push_back(place.text);
  return placeholders;
}

std::vector<int> partners_of(const std::string& line) {
  std::vector<int> partners;
  for (const MarkupTag& tag : parse_markup(line).tags) partners.push_back(tag.partner);
  return partners;
}

TEST(LexMarkup, PartsAddUpToTheLine) {
  for (const std::string line :
       {"", "a<b>c</b>&amp;{0}%s", "<<b>", "<!-- a --><a href='>'>", "{{a}", "%", "&#10;"}) {
    std::string joined;
    for (const Lexeme& lexeme : lex_markup(line)) joined += lexeme.source;
    EXPECT_EQ(joined, line);
  }
}

TEST(ParseMarkup, FindsTags) {
  EXPECT_THAT(tags_of("a <b>c</b> <br/> <a href=\"x>y\" id='1' hidden k=v>d</a >"),
              ElementsAre("<b>", "</b>", "<br/>", "<a href=\"x>y\" id='1' hidden k=v>", "</a >"));
  EXPECT_THAT(tags_of("<0>x</0><1/> <mrk:a-b.c_d>"),
              ElementsAre("<0>", "</0>", "<1/>", "<mrk:a-b.c_d>"));
  EXPECT_THAT(tags_of("<!-- <b> --><?pi <?><![CDATA[<i>]]><!DOCTYPE html>"),
              ElementsAre("<!-- <b> -->", "<?pi <?>", "<![CDATA[<i>]]>", "<!DOCTYPE html>"));
  EXPECT_THAT(tags_of("<ph id='1'>&lt;br></ph><bpt>{</bpt>"),
              ElementsAre("<ph id='1'>&lt;br></ph>", "<bpt>{</bpt>"));
}

TEST(ParseMarkup, WhatIsNoTagIsText) {
  for (const std::string line :
       {"a < b", "i <3 you", "<", "<>", "</>", "</ b>", "< b>", "a <b", "<a href=\"x>", "<a =b>",
        "<a b=>", "<!>", "<!-- a", "<? a", "<-b>", "x > y", "<b<c", "<a b='1'c='2'>", "<日本>"}) {
    EXPECT_THAT(tags_of(line), IsEmpty()) << line;
    EXPECT_EQ(parse_markup(line).text, line);
  }
}

TEST(ParseMarkup, PairsFromTheInsideOut) {
  EXPECT_THAT(partners_of("<b>x<i>y</i></b>"), ElementsAre(3, 2, 1, 0));
  EXPECT_THAT(partners_of("<b>x<b>y</b>"), ElementsAre(-1, 2, 1));
  EXPECT_THAT(partners_of("<b><i></b></i>"), ElementsAre(2, -1, 0, -1));
  EXPECT_THAT(partners_of("</b>x<b>"), ElementsAre(-1, -1));
  const MarkupLine crossed = parse_markup("<b><i></b></i><hr/>");
  EXPECT_EQ(crossed.tags[1].kind, TagKind::kStandalone);
  EXPECT_TRUE(crossed.tags[1].is_unmatched);
  EXPECT_TRUE(crossed.tags[3].is_unmatched);
  EXPECT_FALSE(crossed.tags[4].is_unmatched);
}

TEST(ParseMarkup, PlacesTagsInThePlainText) {
  const MarkupLine line = parse_markup("The <b>cat</b>, x<i> y");
  EXPECT_EQ(line.text, "The cat, x y");
  EXPECT_EQ(line.tags[0].position, 4u);
  EXPECT_EQ(line.tags[1].position, 7u);
  EXPECT_TRUE(line.tags[0].space_before);
  EXPECT_FALSE(line.tags[0].space_after);
  EXPECT_FALSE(line.tags[1].space_before || line.tags[1].space_after);
  EXPECT_TRUE(line.tags[2].space_after);
  EXPECT_TRUE(parse_markup("a\u3000<b>").tags[0].space_before);
  EXPECT_EQ(parse_markup("one<br>two<i>three</i>").text, "one twothree");
}

TEST(ParseMarkup, ReadsCharacterReferences) {
  EXPECT_EQ(parse_markup("&lt;b&gt; &amp;amp; &quot;&apos;").text, "<b> &amp; \"'");
  EXPECT_EQ(parse_markup("caf&eacute;&nbsp;&#252;&#xFC;&mdash;&yuml;").text, "café\u00A0üü—ÿ");
  // What would end the line or be no character isn't read, and kept as it is.
  EXPECT_THAT(
      placeholders_of("a &#10; &#x85; &#xD800; &#x110000; &#0; &#99999999999999999999;"),
      ElementsAre("&#10;", "&#x85;", "&#xD800;", "&#x110000;", "&#0;", "&#99999999999999999999;"));
  EXPECT_THAT(placeholders_of("&product; R&D; AT&T &; &# ;"), ElementsAre("&product;", "R&D;"));
}

TEST(ParseMarkup, TellsHowTextIsWritten) {
  EXPECT_TRUE(parse_markup("<b>a</b>").is_escaped);
  EXPECT_TRUE(parse_markup("a &amp; b & c").is_escaped);
  EXPECT_FALSE(parse_markup("a & b").is_escaped);
  EXPECT_FALSE(parse_markup("<b>AT&T</b>").is_escaped);
  EXPECT_FALSE(parse_markup("<b>a < b</b>").is_escaped);
  EXPECT_FALSE(parse_markup("a").is_escaped);
  EXPECT_EQ(escape_markup("<b> & 'x'"), "&lt;b&gt; &amp; 'x'");
}

TEST(ParseMarkup, FindsPlaceholders) {
  for (const std::string placeholder : {"{0}",
                                        "{}",
                                        "{name}",
                                        "{user.name}",
                                        "{0:.2f}",
                                        "{ name }",
                                        "{{ a | b }}",
                                        "${x}",
                                        "%{x}",
                                        "#{x}",
                                        "{n, plural, one {# file} other {# files}}",
                                        "%s",
                                        "%d",
                                        "%1$s",
                                        "%02d",
                                        "%.2f",
                                        "%ld",
                                        "%(name)s",
                                        "%@",
                                        "%%",
                                        "%1",
                                        "%L%",
                                        "%PATH%",
                                        "&product;",
                                        "<code>a b</code>",
                                        "<span translate=\"no\">a</span>"})
    EXPECT_THAT(placeholders_of("say " + placeholder + " .")[0], placeholder);
  for (const std::string text : {"{", "}", "{a b}", "{ }", "{a", "100%", "50 % off", "100% sure",
                                 "5%d", "% s", "%sure", "a {b, c", "$5", "#1", "%-"})
    EXPECT_THAT(placeholders_of("say " + text), IsEmpty()) << text;
}

TEST(ParseMarkup, PlaceholdersThatTouchAreOne) {
  EXPECT_THAT(placeholders_of("{a}{b} {size}GB v{x}.{y} 50%% x<b>{c}</b>y日本{d}です"),
              ElementsAre("{a}{b}", "{size}GB", "v{x}", "{y}", "50%%", "{c}", "{d}"));
}

TEST(ParseMarkup, AttributesAreLeftAlone) {
  EXPECT_THAT(placeholders_of("<a href=\"{url}\">x</a>"), IsEmpty());
  EXPECT_EQ(tags_of("<a href=\"{url}\">x</a>")[0], "<a href=\"{url}\">");
}

TEST(ParseMarkup, AnElementEndsBehindItsTag) {
  EXPECT_THAT(placeholders_of("<code a=\"</code>\">x</code> y</code>"),
              ElementsAre("<code a=\"</code>\">x</code>"));
  EXPECT_THAT(placeholders_of("<code><kbd></code></kbd><samp></var>"),
              ElementsAre("<code><kbd></code>"));
}

TEST(ParseMarkup, BracesThatNest) {
  EXPECT_THAT(placeholders_of("} {n, a {# b {c}} } {{a}b}} {{ a { b}} {{c"),
              ElementsAre("{n, a {# b {c}} }", "{{a}b}}", "{ b}"));
  EXPECT_THAT(placeholders_of("{a, {b, {c, d} e"), ElementsAre("{c, d}"));
}

std::string repeated(const std::string& part, std::size_t bytes) {
  std::string line;
  while (line.size() < bytes) line += part;
  return line;
}

// Beginnings without their ends; each makes a search that runs to the end of the line.
const std::vector<std::string> kHostileParts{
    "<!-- ", "<![CDATA[", "<? ", "<!a ", "<", "<b", "<b ", "<b a ", "<b a=", "<b a='", "</b ", "{",
    "{{", "{{a ", "{a", "{a,", "{ ", "${", "#{{", "%(", "%(a", "%", "%1", "%#", "&", "&#", "&a",
    "<code>", "<ph>", "<i translate=\"no\">", "<code></kbd>", "<b>", "</b>", "<b></i>", "{0}",
    "a{0}",
    // Inside of quotes of either kind another tag begins that reads the quotes the other way round.
    " y=' d='<a x=\"k e=\"", "' d='<a \" e=\""};

// Quadratic time would be minutes for each of these lines.
TEST(ParseMarkup, HostileLinesTakeLinearTime) {
  constexpr std::size_t kBytes = 4U << 20U;
  constexpr double kMostSeconds = 20.0;  // of the processor
  std::vector<std::string> lines;
  for (const std::string& part : kHostileParts) lines.push_back(repeated(part, kBytes));
  lines.push_back(repeated("<b>", kBytes / 2) + repeated("</i>", kBytes / 2));
  lines.push_back("<b c=\"" + repeated(" y=' d='<a x=\"k e=\"", kBytes));
  std::string names;
  for (int i = 0; names.size() < kBytes; ++i)
    names += "<n" + std::to_string(i) + " translate=\"no\"></m" + std::to_string(i) + ">";
  lines.push_back(names);
  for (const std::string& line : lines) {
    const std::clock_t start = std::clock();
    parse_markup(line);
    EXPECT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, kMostSeconds)
        << line.substr(0, 40);
  }
}

TEST(WithWordsForPlaceholders, MovesWhatFollows) {
  const MarkupLine line = parse_markup("a {0}<b>{long}</b> c<i/>");
  const std::vector<PlaceholderWord> words{{"Tom", "トム"}, {"X", ""}};
  const MarkupLine readable = with_words_for_placeholders(line, words);
  EXPECT_EQ(readable.text, "a TomX c");
  EXPECT_EQ(readable.placeholders[0], (Placeholder{"{0}", 2, 5, {"Tom", "トム"}}));
  EXPECT_EQ(readable.placeholders[1], (Placeholder{"{long}", 5, 6, {"X", ""}}));
  EXPECT_EQ(readable.tags[0].position, 5u);
  EXPECT_EQ(readable.tags[1].position, 6u);
  EXPECT_EQ(readable.tags[2].position, 8u);
}

TEST(HasTextToTranslate, LooksBesidesPlaceholders) {
  for (const std::string line : {"", " ", "{0}", "<b>{0}</b>: {1}!", "<b></b>", "...", "%d GB"})
    EXPECT_EQ(has_text_to_translate(parse_markup(line)), line == "%d GB") << line;
  EXPECT_TRUE(has_text_to_translate(parse_markup("{0} 猫")));
  EXPECT_TRUE(has_text_to_translate(parse_markup("<b>a</b>")));
}

}  // namespace
}  // namespace heed
