#include "app/translate/markup_transfer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "app/translate/placeholder_transfer.h"
#include "app/translate/span_choice.h"
#include "data/markup_lexer.h"
#include "data/random.h"
#include "data/white_space.h"

namespace heed {
namespace {

using ::testing::ElementsAre;

/// The markup of `source` in `target`, in which a placeholder is X; `links` are between units,
/// those beyond the last unit don't count.
std::string transfer(const std::string& source, const std::string& target,
                     std::vector<Link> links) {
  const MarkupLine parsed = parse_markup(source);
  const std::vector<PlaceholderWord> words(parsed.placeholders.size(), {"X", "IKS"});
  const MarkupLine line = with_words_for_placeholders(parsed, words);
  const auto src_units = source_units(line);
  const auto tgt_units = target_units(target, line);
  std::erase_if(links, [&](const Link& link) {
    return link.src >= static_cast<int>(src_units.size()) ||
           link.tgt >= static_cast<int>(tgt_units.size());
  });
  return transfer_markup(line, src_units, target, tgt_units, links);
}

const std::vector<Link> kInOrder{{0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 4}};

TEST(SpanChoice, HeaviestSpanBridgesLittle) {
  const auto span_of = [](const std::vector<double>& weights, UnitSpan range) {
    const auto best = heaviest_span(weights, range);
    return best ? best->span : UnitSpan{-1, -1};
  };
  EXPECT_EQ(span_of({0.0, 0.5, 0.0, 0.5, 0.0}, {0, 5}), (UnitSpan{1, 4}));
  EXPECT_EQ(span_of({0.5, -0.4, 0.5}, {0, 3}), (UnitSpan{0, 3}));
  EXPECT_EQ(span_of({0.5, -0.6, 0.7}, {0, 3}), (UnitSpan{2, 3}));
  EXPECT_EQ(span_of({0.5, -0.6, 0.5}, {0, 3}), (UnitSpan{0, 1}));  // of equals the first
  EXPECT_EQ(span_of({0.9, 0.1, 0.1}, {1, 3}), (UnitSpan{1, 3}));
  EXPECT_EQ(span_of({0.0, -1.0}, {0, 2}), (UnitSpan{-1, -1}));
  EXPECT_EQ(span_of({1.0}, {0, 0}), (UnitSpan{-1, -1}));
}

TEST(SpanChoice, CrossingCosts) {
  // Cut ahead of source unit 1; unit 0 became the last of three.
  const std::vector<Link> links{{0, 2, 0.9}, {1, 0, 0.4}, {2, 1, 0.3}};
  EXPECT_THAT(crossing_costs(links, 1, 3),
              ElementsAre(::testing::DoubleEq(0.9), ::testing::DoubleNear(1.3, 1e-12),
                          ::testing::DoubleNear(1.6, 1e-12), ::testing::DoubleNear(0.7, 1e-12)));
}

TEST(TransferMarkup, PairsGoAroundWhatIsLinked) {
  EXPECT_EQ(transfer("the <b>black cat</b> sleeps", "die schwarze Katze schläft", kInOrder),
            "die <b>schwarze Katze</b> schläft");
  EXPECT_EQ(transfer("a <b>red</b> house", "une maison rouge", {{0, 0}, {2, 1}, {1, 2}}),
            "une maison <b>rouge</b>");
  EXPECT_EQ(transfer("<b>a</b> <i>b</i>", "B A", {{0, 1}, {1, 0}}), "<i>B</i> <b>A</b>");
}

TEST(TransferMarkup, ADiscontinuousTargetBecomesOneSpan) {
  // "gets up" is "steht ... auf": the heavier part wins, or both with the word between them.
  const auto german = [](double verb, double particle, double between) {
    return transfer("she <b>rises</b> early", "sie steht früh auf",
                    {{0, 0, 0.9}, {1, 1, verb}, {2, 2, between}, {1, 3, particle}});
  };
  EXPECT_EQ(german(0.9, 0.3, 0.8), "sie <b>steht</b> früh auf");
  EXPECT_EQ(german(0.3, 0.9, 0.8), "sie steht früh <b>auf</b>");
  EXPECT_EQ(german(0.9, 0.8, 0.2), "sie <b>steht früh auf</b>");
}

TEST(TransferMarkup, NestedAndNeighbouringPairsStayWellFormed) {
  EXPECT_EQ(transfer("<i>a <b>c</b></i> d", "C A D", {{0, 1}, {1, 0}, {2, 2}}),
            "<i><b>C</b> A</i> D");
  // The inner word went far away; its tags stay inside the outer pair.
  EXPECT_EQ(
      transfer("<i>a b <b>c</b></i> d e", "A B D E C", {{0, 0}, {1, 1}, {3, 2}, {4, 3}, {2, 4}}),
      "<i>A B<b></b></i> D E C");
  EXPECT_EQ(transfer("<b><i>a</i></b> b", "A B", kInOrder), "<b><i>A</i></b> B");
}

TEST(TransferMarkup, WhatEnclosesAllEnclosesAll) {
  EXPECT_EQ(transfer("<p>a <b>b</b>.</p>", "B X Y A.", {{0, 3}, {1, 0}}), "<p><b>B</b> X Y A.</p>");
  EXPECT_EQ(transfer("<b>a</b>", "A B C", {}), "<b>A B C</b>");
}

TEST(TransferMarkup, UnlinkedWordsGoByTheirNeighbours) {
  EXPECT_EQ(transfer("a <b>b</b> c", "A Z C", {{0, 0}, {2, 2}}), "A <b>Z</b> C");
  EXPECT_EQ(transfer("a<b>, b</b> c", "A, C", {{0, 0}, {3, 2}}), "A,<b></b> C");
  EXPECT_EQ(transfer("a <b>b</b> c", "A C", {{0, 0}, {2, 1}}), "A <b></b>C");
}

TEST(TransferMarkup, PointsCutFewestLinks) {
  EXPECT_EQ(transfer("a b <br/> c d", "B A D C", {{0, 1}, {1, 0}, {2, 3}, {3, 2}}),
            "B A <br/> D C");
  EXPECT_EQ(transfer("<img/> a b", "B A", {{0, 1}, {1, 0}}), "<img/> B A");
  EXPECT_EQ(transfer("a b.<br/>", "B A.", {{0, 1}, {1, 0}, {2, 2}}), "B A.<br/>");
  EXPECT_EQ(transfer("a <i>b <br/> c</i> d", "C B A D", {{0, 2}, {1, 1}, {2, 0}, {3, 3}}),
            "<i><br/> C B</i> A D");
}

TEST(TransferMarkup, TagsWithoutPartnersKeepTheirOrder) {
  EXPECT_EQ(transfer("a</b> b <b>c", "C B A", {{0, 2, 0.1}, {1, 1}, {2, 0}}), "</b> C B A <b>");
  EXPECT_EQ(transfer("a</b> b <b>c d", "A C B D", {{0, 0}, {1, 2}, {2, 1}, {3, 3}}),
            "A</b> <b>C B D");
  EXPECT_EQ(transfer("<b>a <i>b</b> c</i> d", "A B C D", kInOrder), "<b>A <i>B</b> C</i> D");
}

TEST(TransferMarkup, ATagInAWordTakesTheWord) {
  EXPECT_EQ(transfer("an <b>un</b>likely case", "ein unwahrscheinlicher Fall", kInOrder),
            "ein <b>unwahrscheinlicher</b> Fall");
  EXPECT_EQ(transfer("(<b>a</b>)", "(A)", kInOrder), "(<b>A</b>)");
}

TEST(TransferMarkup, WhiteSpaceIsWhereItWas) {
  EXPECT_EQ(transfer("a<b> b </b>c", "A B C", kInOrder), "A<b> B </b>C");
  EXPECT_EQ(transfer("<b> a </b> b", "A B", kInOrder), "<b> A </b> B");
  EXPECT_EQ(transfer("one<br>two", "eins zwei", kInOrder), "eins<br>zwei");
  EXPECT_EQ(transfer("a <b>b</b> .", "A B.", kInOrder), "A <b>B</b>.");
  EXPECT_EQ(transfer("<b>これ</b>は", "this is", kInOrder), "<b>this</b> is");
}

TEST(TransferMarkup, AnEmptyPairHasTheSpaceOfOneGap) {
  EXPECT_EQ(transfer("a <i>b</i> <b>c</b> d", "A D", {{0, 0}, {3, 1}}), "A <i></i><b></b>D");
  EXPECT_EQ(transfer("<b>a</b> b <i>c</i>", "B", {{1, 0}}), "<b></b>B<i></i>");
  EXPECT_EQ(transfer("<p>a <b>b</b></p> c", "A C", {{0, 0}, {2, 1}}), "<p>A<b></b></p> C");
  EXPECT_EQ(transfer("a<b> b </b>c", "A C", {{0, 0}, {2, 1}}), "A<b> </b>C");
  // It was empty before.
  EXPECT_EQ(transfer("a <b></b> c", "A C", {{0, 0}, {1, 1}}), "A <b></b> C");
  EXPECT_EQ(transfer("a <b>b</b> <br/> c", "A C", {{0, 0}, {2, 1}}), "A <b></b> <br/> C");
}

TEST(TransferMarkup, TextWithoutSpaces) {
  // これ|は|大きい|家|です
  EXPECT_EQ(transfer("This is a <b>big</b> <i>house</i>.", "これは大きい家です。",
                     {{0, 0}, {1, 4}, {3, 2}, {4, 3}, {5, 5}}),
            "これは<b>大きい</b><i>家</i>です。");
  EXPECT_EQ(
      transfer("<b>大きい</b>家です。", "It is a big house.", {{0, 3}, {1, 4}, {2, 1}, {3, 5}}),
      "It is a <b>big</b> house.");
  // A segmented line keeps its words: 大きかった is not cut.
  EXPECT_EQ(transfer("It <b>was</b> big", "それ は 大きかった です", {{0, 0}, {0, 1}, {2, 2}}),
            "それ は <b></b>大きかった です");
}

TEST(TransferMarkup, PlaceholdersComeBack) {
  EXPECT_EQ(transfer("{0} likes {1}", "X mag X", kInOrder), "{0} mag {1}");
  EXPECT_EQ(transfer("{0} likes {1}", "X wird von X gemocht", {{1, 3}, {0, 3, 0.5}, {2, 0}}),
            "{1} wird von {0} gemocht");
  // Garbled, translated as is known, left out, repeated, made up.
  EXPECT_EQ(transfer("see {0} now", "sieh Xaver Yps jetzt", {{0, 0}, {1, 1}, {1, 2}, {2, 3}}),
            "sieh {0} jetzt");
  EXPECT_EQ(transfer("see {0} now", "sieh IKS jetzt", {{0, 0}, {2, 2}}), "sieh {0} jetzt");
  EXPECT_EQ(transfer("see {0} now", "sieh jetzt", {{0, 0}, {2, 1}}), "sieh {0} jetzt");
  EXPECT_EQ(transfer("see {0}.", "sieh.", {{0, 0}, {2, 1}}), "sieh {0}.");
  EXPECT_EQ(transfer("see {0} now", "sieh X X X jetzt", kInOrder), "sieh {0} jetzt");
  EXPECT_EQ(transfer("see {0} now", "sieh Yps da Yps", {{1, 1, 0.9}, {2, 2}, {1, 3, 0.8}}),
            "sieh {0} da");
  EXPECT_EQ(transfer("see X and {0}", "sieh X und", {{0, 0}, {1, 1}, {2, 2}}), "sieh X und {0}");
  EXPECT_EQ(transfer("<b>{0}</b> GB", "X GB", kInOrder), "<b>{0}</b> GB");
  EXPECT_EQ(transfer("{0}さん", "Mr X", {{0, 1}, {1, 0}}), "Mr {0}");
}

TEST(TransferMarkup, NothingIsInvented) {
  EXPECT_EQ(transfer("a <b>b</b>", "<i> {0} %s B", {}).find("<i>"), std::string::npos);
  EXPECT_EQ(transfer("a", "{0} & A", {}), "0 &amp; A");
  EXPECT_EQ(transfer("a", "<b>A</b> & B", {}), "&lt;b&gt;A&lt;/b&gt; &amp; B");
  EXPECT_EQ(transfer("a", "A < & B", {}), "A < & B");
  EXPECT_EQ(transfer("a {0}", "${A} X", {{0, 0}, {1, 3}}), "A {0}");
}

TEST(TransferMarkup, EscapedLinesStayEscaped) {
  EXPECT_EQ(transfer("a &amp; b", "A & B", kInOrder), "A &amp; B");
  EXPECT_EQ(transfer("<b>a</b> and b", "A & B", kInOrder), "<b>A</b> &amp; B");
  EXPECT_EQ(transfer("<b>AT&T</b> x", "AT&T X", kInOrder), "<b>AT&T</b> X");
}

// Parts of hostile lines; the first kBenign neither break pairs nor end up as other text.
constexpr std::size_t kBenign = 14;
const std::vector<std::string> kParts{
    "a",           " ",      "cat", "日本語の本", " ",          "{0}",        "{name}", "%s",
    "<br/>",       "\u00A0", ", ",  "é",          "\U0001F600", "<!-- c -->", "<b>",    "</b>",
    "<i x='{0}'>", "</i>",   "<",   ">",          "&",          "&amp;",      "&foo;",  "{",
    "}",           "%",      "$",   "<code>",     "</code>",    "<p>",        "</p>",   "X",
    "'",           "\"",     "=",   "<b",         "#",          "1"};

class Draws {
 public:
  explicit Draws(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t bound) {
    return static_cast<std::size_t>(random_.uniform_below(bound));
  }

  std::string hostile(std::size_t parts) {
    std::string line;
    for (; parts > 0; --parts) line += kParts[below(kParts.size())];
    return line;
  }

  /// Pairs properly nested, text and points.
  std::string balanced(std::size_t parts) {
    std::string line;
    std::vector<std::string> open;
    for (; parts > 0; --parts) {
      const std::size_t choice = below(kBenign + 4);
      if (choice < kBenign) {
        line += kParts[choice];
      } else if (choice < kBenign + 2 || open.empty()) {
        open.push_back(choice % 2 == 0 ? "b" : "i");
        line += "<" + open.back() + ">";
      } else {
        line += "</" + open.back() + ">";
        open.pop_back();
      }
    }
    for (; !open.empty(); open.pop_back()) line += "</" + open.back() + ">";
    return line;
  }

  std::string words(std::size_t count) {
    static const std::vector<std::string> kWords{"A",      " ",  "猫は", "X",
                                                 " Kater", ", ", "IKS ", "é"};
    std::string text = "T";
    for (; count > 0; --count) text += kWords[below(kWords.size())];
    return text;
  }

  std::vector<Link> links(std::size_t src, std::size_t tgt) {
    std::vector<Link> links;
    if (src == 0 || tgt == 0) return links;
    for (std::size_t count = below(2 * tgt); count > 0; --count)
      links.push_back({static_cast<int>(below(src)), static_cast<int>(below(tgt)),
                       static_cast<double>(below(100)) / 99.0});
    return to_link_set(std::move(links));
  }

 private:
  SplitMix64 random_;
};

/// A source line, its translation and links, all drawn.
struct Case {
  Case(std::string line, std::string translation, Draws& draws)
      : source(std::move(line)), target(std::move(translation)) {
    const MarkupLine parsed = parse_markup(source);
    const std::vector<PlaceholderWord> words(parsed.placeholders.size(), {"X", "IKS"});
    readable = with_words_for_placeholders(parsed, words);
    const auto src_units = source_units(readable);
    const auto tgt_units = target_units(target, readable);
    result = transfer_markup(readable, src_units, target, tgt_units,
                             draws.links(src_units.size(), tgt_units.size()));
  }

  std::string source;
  std::string target;
  MarkupLine readable;
  std::string result;
};

std::vector<std::string> sorted_parts(const std::string& line, bool placeholders) {
  std::vector<std::string> parts;
  for (const Lexeme& lexeme : lex_markup(line))
    if (lexeme.kind != LexemeKind::kText && lexeme.kind != LexemeKind::kCharacter &&
        (lexeme.kind == LexemeKind::kPlaceholder) == placeholders)
      parts.emplace_back(lexeme.source);
  std::sort(parts.begin(), parts.end());
  return parts;
}

void expect_same_markup(const Case& drawn) {
  const std::string trace = drawn.source + "\n" + drawn.target + "\n" + drawn.result;
  EXPECT_EQ(sorted_parts(drawn.result, false), sorted_parts(drawn.source, false)) << trace;
  EXPECT_EQ(sorted_parts(drawn.result, true), sorted_parts(drawn.source, true)) << trace;
}

TEST(TransferMarkupProperties, KeepsTheMarkupOfHostileLines) {
  Draws draws(1);
  for (int round = 0; round < 20000; ++round) {
    const std::string source = draws.hostile(draws.below(14));
    const std::string target =
        round % 2 == 0 ? draws.words(draws.below(8)) : draws.hostile(draws.below(8));
    expect_same_markup(Case(source, target, draws));
    if (HasFailure()) return;
  }
}

bool is_balanced(const std::string& line) {
  const MarkupLine parsed = parse_markup(line);
  return std::none_of(parsed.tags.begin(), parsed.tags.end(),
                      [](const MarkupTag& tag) { return tag.is_unmatched; });
}

TEST(TransferMarkupProperties, BalancedStaysBalanced) {
  Draws draws(2);
  for (int round = 0; round < 20000; ++round) {
    const Case drawn(draws.balanced(draws.below(16)), draws.words(draws.below(10)), draws);
    ASSERT_TRUE(is_balanced(drawn.source)) << drawn.source;
    ASSERT_TRUE(is_balanced(drawn.result)) << drawn.source << "\n" << drawn.result;
    expect_same_markup(drawn);
    if (HasFailure()) return;
  }
}

std::string repeated(const std::string& part, std::size_t count) {
  std::string line;
  for (; count > 0; --count) line += part;
  return line;
}

TEST(TransferMarkupProperties, ManyTagsGoAheadOfTheText) {
  const auto many = static_cast<std::size_t>(kMostPlacedMarkup);
  EXPECT_TRUE(is_placed_by_links(parse_markup(repeated("<b>a</b> ", many / 2))));
  EXPECT_FALSE(is_placed_by_links(parse_markup(repeated("<b>a</b> ", many / 2 + 1))));
  EXPECT_FALSE(is_placed_by_links(parse_markup(repeated("{0} ", many + 1))));
  const std::string tags = repeated("<br/>a ", many + 1);
  EXPECT_EQ(transfer(tags + "{0}", "A X < B", {}), repeated("<br/> ", many + 1) + "{0} A &lt; B");
}

// As much markup as is placed, and far more: each of these lines is done within a second or so.
TEST(TransferMarkupProperties, KeepsTheMarkupOfLongLines) {
  Draws draws(4);
  const std::size_t pairs = kMostPlacedMarkup / 2;
  const std::string words = draws.words(500);
  for (const std::string& line :
       {repeated("<b>a</b> ", pairs), repeated("<b>", pairs) + "a" + repeated("</b>", pairs),
        repeated("a <br/>", 2 * pairs), repeated("{0} a ", 2 * pairs),
        repeated("<b>a</b> ", 20 * pairs), repeated("<b>", 20 * pairs) + "a",
        repeated("{0} a ", 40 * pairs), repeated("<!-- ", 80 * pairs)})
    expect_same_markup(Case(line, words, draws));
}

std::string without_white_space(std::string_view text) {
  std::string result;
  for (const TextUnit& word : split_words(text)) result += word.text;
  return result;
}

TEST(TransferMarkupProperties, WithoutTagsItIsTheTranslation) {
  Draws draws(3);
  for (int round = 0; round < 5000; ++round) {
    std::string source = draws.balanced(draws.below(16));
    std::erase_if(source, [](char c) { return c == '{' || c == '}' || c == '%'; });
    const Case drawn(source, draws.words(draws.below(10)), draws);
    EXPECT_EQ(without_white_space(parse_markup(drawn.result).text),
              without_white_space(drawn.target))
        << drawn.source << "\n"
        << drawn.result;
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace heed
