#include "data/grammar.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "tests/support/error_message.h"
#include "tests/support/grammar_words.h"

namespace heed {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

constexpr char kSmall[] = R"(languages en ja
capitalize en
join ja
sound en : a -> an before a e i o u except uni
start S
feature number = sg pl
feature class other = animal food
limit Rel 2
hold The cat eats an apple .

words N[class=animal] : sg pl | ja
  cat cats | 猫
  polar_bear polar_bears | 白_~い_熊
words N[class=food] : sg pl | ja
  apple apples | りんご
  unicorn unicorns | ユニコーン
words V : sg pl | ja
  eats eat | 食べ

rule S
  1 : <NP[number class=animal]> <V:number>* <NP#2[class=food number=sg]> .^1 || <NP> は <NP#2> を <V> ます^V 。^1
rule NP[number=sg class]
  2 : the <N[class]:number> || <N>
  1 : a <N[class]:number> || <N>
rule NP[number=pl class]
  1 : the <N[class]:number>* <Rel[number]> || <Rel> <N>
rule Rel[number]
  1 : that <V:number>* <NP[class=food]> || <NP> を <V> た^V
)";

/// The message of the error that loading `text` gives; "" when it loads.
std::string error_of(const std::string& text) {
  return error_message([&] { Grammar::parse(text, "FILE"); });
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return text.replace(place, from.size(), to);
}

TEST(Grammar, TranslatesAndAlignsAsWrittenByHand) {
  const Grammar grammar = Grammar::parse(kSmall, "FILE");
  ASSERT_EQ(grammar.held().size(), 1u);
  const AlignedPair& pair = grammar.held()[0];
  EXPECT_EQ(join(pair.source), "The cat eats an apple .");
  EXPECT_EQ(join(pair.target), "猫 は りんご を 食べ ます 。");
  EXPECT_THAT(pair.links, ElementsAre(Pair(1, 0), Pair(2, 4), Pair(2, 5), Pair(4, 2), Pair(5, 6)));
}

TEST(Grammar, LinksEveryWordOfAnEntryButTheMarkedOnes) {
  const Grammar grammar = Grammar::parse(kSmall, "FILE");
  const auto pairs = grammar.translate(words("The polar bear eats a unicorn ."));
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_EQ(join(pairs[0].target), "白 い 熊 は ユニコーン を 食べ ます 。");
  EXPECT_THAT(pairs[0].links, ElementsAre(Pair(1, 0), Pair(1, 2), Pair(2, 0), Pair(2, 2),
                                          Pair(3, 6), Pair(3, 7), Pair(5, 4), Pair(6, 8)));
}

TEST(Grammar, TheWordsOfASlotMayBelongToAnotherSlotToo) {
  const Grammar grammar = Grammar::parse(
      "languages x y\nstart S\nrule S\n  1 : <D> <C> <N>* || <N> <D> <C>^N\n"
      "words D : s | t\n  two | ni\nwords C : s | t\n  - | nin\nwords N : s | t\n  men | hito\n",
      "FILE");
  const auto pairs = grammar.translate(words("two men"));
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_EQ(join(pairs[0].target), "hito ni nin");
  EXPECT_THAT(pairs[0].links, ElementsAre(Pair(0, 1), Pair(1, 0), Pair(1, 2)));
}

TEST(Grammar, AgreesAcrossARelativeClause) {
  const Grammar grammar = Grammar::parse(kSmall, "FILE");
  EXPECT_EQ(grammar.translate(words("The cats that eat the apple eat the apple .")).size(), 1u);
  EXPECT_TRUE(grammar.translate(words("The cats that eat the apple eats the apple .")).empty());
  EXPECT_TRUE(grammar.translate(words("The cats that eats the apple eat the apple .")).empty());
  EXPECT_TRUE(grammar.translate(words("The cat eats a apple .")).empty());
  EXPECT_TRUE(grammar.translate(words("the cat eats an apple .")).empty());
  EXPECT_TRUE(grammar.translate({}).empty());
}

TEST(Grammar, NestingStopsAtTheLimit) {
  const Grammar grammar = Grammar::parse(kSmall, "FILE");
  SplitMix64 random(1);
  std::set<std::ptrdiff_t> depths;
  for (int i = 0; i < 2000; ++i) {
    const AlignedPair pair = grammar.sample(random);
    depths.insert(std::count(pair.source.begin(), pair.source.end(), "that"));
  }
  EXPECT_THAT(depths, ElementsAre(0, 1, 2));
}

TEST(Grammar, SamplesByWeight) {
  const Grammar grammar = Grammar::parse(
      "languages x y\nstart S\nrule S\n  3 : a || b\n  1 : <W> || <W>\nwords W : s | t\n  c | d\n  "
      "e | "
      "f\n",
      "FILE");
  SplitMix64 random(5);
  std::map<std::string, int> counts;
  for (int i = 0; i < 8000; ++i) ++counts[grammar.sample(random).source[0]];
  EXPECT_NEAR(counts["a"], 6000, 200);
  EXPECT_NEAR(counts["c"], 1000, 150);
  EXPECT_NEAR(counts["e"], 1000, 150);
}

TEST(Grammar, OnceForbidsARepeatedWord) {
  const std::string text =
      "languages x y\nstart S\nonce W\nrule S\n  <W#1> <W#2> || <W#2> <W#1>\nwords W : s | t\n  a "
      "| b\n";
  const Grammar one = Grammar::parse(text, "FILE");
  SplitMix64 random(1);
  EXPECT_THROW(one.sample(random), std::runtime_error);
  const Grammar two = Grammar::parse(text + "  c | d\n", "FILE");
  for (int i = 0; i < 100; ++i) {
    const AlignedPair pair = two.sample(random);
    EXPECT_NE(pair.source[0], pair.source[1]);
    EXPECT_THAT(pair.links, ElementsAre(Pair(0, 1), Pair(1, 0)));
  }
}

struct BadGrammar {
  const char* from;
  const char* to;
  const char* message;
};

TEST(Grammar, ErrorsNameTheLineTheTokenAndTheChoices) {
  const BadGrammar cases[] = {
      {"start S", "strat S", "FILE:5: unknown statement 'strat' (did you mean 'start'?)"},
      {"start S\n", "\n", "no 'start NAME' line"},
      {"start S", "start V", "FILE:5: 'V' is a word list; sentences begin with a rule"},
      {"<V:number>* <NP#2", "<Verb:number>* <NP#2", "FILE:21: <V> is not on the source side"},
      {"[number class=animal]", "[nubmer class=animal]",
       "FILE:21: unknown feature 'nubmer' (did you mean 'number'?)"},
      {"class=food number=sg", "class=fod number=sg",
       "FILE:21: 'fod' is no value of feature 'class' (did you mean 'food'?)"},
      {"<V:number>* <NP#2", "<V:nmber>* <NP#2", "'nmber' is no source column of 'V'"},
      {"ます^V", "ます^X", "FILE:21: label '^X' is on the target side only"},
      {"を <V> ます", "を <V>^X ます",
       "FILE:21: <V>^X: the label of a slot is the name of another"},
      {"を <V> ます", "を <V>^ ます", "FILE:21: '<V>^' has no label"},
      {"|| <NP> は <NP#2>", "|| <NP> は <NP#3>", "FILE:21: <NP#3> is not on the source side"},
      {"|| <NP> は <NP#2>", "<NP> は <NP#2>", "there is no '||'"},
      {"  2 : the", "  0 : the", "FILE:23: weight '0' is not a whole number from 1 to 1000000"},
      {"limit Rel 2\n", "\n", "endless recursion"},
      {"limit Rel 2", "limit Rel 9", "FILE:8: limit 9 is above 8"},
      {"cats | 猫", "| 猫", "FILE:12: expected 2 source words before one '|'"},
      {"cats | 猫", "cats | 猫 犬", "FILE:12: expected 2 words, '|' and 1 words; here are 4 words"},
      {"hold The cat", "hold The dog",
       "FILE:9: this sentence cannot be derived; no rule or entry has 'dog'"},
      {"hold The cat eats", "hold The cat eat",
       "FILE:9: this sentence cannot be derived; all of its words"},
      {"rule S\n", "rule S\n  1 : <Missing> || <Missing>\n", "FILE:21: 'Missing' is not defined"},
      {"rule NP[number=pl class]\n",
       "rule NP[number=pl class]\n  <Big[number]> || <Big>\nrule Big[class]\n  x || y\nrule "
       "NP[number=pl class]\n",
       "'Big' has no feature 'number' (valid: class)"},
      {"rule Rel", "rule Unused\n  x || y\nrule Rel", "no sentence can use this rule for 'Unused'"},
      {"words V :", "words V[number=sg] : sg pl | ja\n  sees see | 見\nwords V :", ""},
      {"<V:number>* <NP#2", "<V:number <NP#2", "is not of the form NAME#TAG[FEATURES]:COLUMN"}};
  for (const BadGrammar& bad : cases) {
    EXPECT_THAT(error_of(replaced(kSmall, bad.from, bad.to)), HasSubstr(bad.message)) << bad.to;
  }
}

TEST(Grammar, RefusesWhatNeverEndsOrGrowsTooLarge) {
  EXPECT_THAT(error_of("languages x y\nstart S\nrule S\n  a <S> || <S> b\n"),
              HasSubstr("derives no sentence"));
  std::string doubling = "languages x y\nstart A0\n";
  std::string chain = "languages x y\nstart A0\n";
  for (int i = 0; i < 1000; ++i) {
    chain += fmt::format("rule A{0}\n  <A{1}> || <A{1}>\n", i, i + 1);
    if (i < 40)
      doubling += fmt::format("rule A{0}\n  <A{1}#1> <A{1}#2> || <A{1}#1> <A{1}#2>\n", i, i + 1);
  }
  EXPECT_THAT(error_of(chain + "rule A1000\n  a || b\n"), HasSubstr("too large"));
  EXPECT_THAT(error_of(doubling + "rule A40\n  a || b\n"), HasSubstr("too large"));
}

TEST(Grammar, TwoTranslationsOfAHeldSentenceAreAnError) {
  EXPECT_THAT(error_of("languages x y\nstart S\nhold a\nrule S\n  a || b\n  a || c\n"),
              HasSubstr("FILE:3: this sentence has 2 translations"));
}

TEST(Grammar, HostileBytesNeverCrash) {
  SplitMix64 random(3);
  const std::string text = kSmall;
  int loaded = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string damaged = text;
    for (std::uint64_t n = 1 + random.uniform_below(4); n > 0; --n) {
      const std::size_t place = static_cast<std::size_t>(random.uniform_below(damaged.size()));
      if (random.uniform_below(2) == 0) {
        damaged[place] = static_cast<char>(random.uniform_below(256));
      } else {
        damaged.erase(place, 1 + static_cast<std::size_t>(random.uniform_below(20)));
      }
    }
    const std::string error = error_of(damaged);
    if (error.empty())
      ++loaded;
    else
      EXPECT_THAT(error, HasSubstr("FILE:"));
  }
  EXPECT_GT(loaded, 0);
  EXPECT_LT(loaded, 3000);
}

}  // namespace
}  // namespace heed
