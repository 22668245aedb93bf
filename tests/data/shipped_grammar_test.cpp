#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "data/grammar.h"
#include "tests/support/grammar_words.h"

namespace heed {
namespace {

using testing::ElementsAre;
using testing::Pair;

const Grammar& shipped() {
  static const Grammar grammar =
      Grammar::load(std::filesystem::path(HEED_SOURCE_DIR) / "configs/grammar_en_ja.txt");
  return grammar;
}

TEST(ShippedGrammar, CoversTheSeedSentences) {
  ASSERT_EQ(shipped().held().size(), 2u);
  EXPECT_EQ(join(shipped().held()[0].target), "猫 は マット の 上 に 座り ました 。");
  EXPECT_THAT(shipped().held()[0].links, ElementsAre(Pair(1, 0), Pair(2, 5), Pair(2, 6), Pair(2, 7),
                                                     Pair(3, 4), Pair(5, 2), Pair(6, 8)));
  EXPECT_EQ(join(shipped().held()[1].target), "太郎 は 花子 が 好き です 。");
}

TEST(ShippedGrammar, TranslatesChosenSentences) {
  const std::pair<const char*, const char*> sentences[] = {
      {"The cats that saw the dog like fish .", "犬 を 見た 猫 は 魚 が 好き です 。"},
      {"Three boys did not eat an apple .", "三 人 の 男の子 は りんご を 食べ ません でした 。"},
      {"There are two books on the desk .", "机 の 上 に 本 が 二 冊 あります 。"},
      {"There is a cat in the box .", "箱 の 中 に 猫 が います 。"},
      {"Did the dog chase the mouse ?", "犬 は ネズミ を 追いかけ ました か 。"},
      {"A book that she likes is splendid .", "彼女 が 好きな 本 は 立派 です 。"},
      {"The book that Taro gave to Hanako is heavy .", "太郎 が 花子 に あげた 本 は 重い です 。"},
      {"The girls that do not drink milk can sing .",
       "牛乳 を 飲ま ない 女の子 は 歌う ことができます 。"}};
  for (const auto& [english, japanese] : sentences) {
    const auto pairs = shipped().translate(words(english));
    ASSERT_EQ(pairs.size(), 1u) << english;
    EXPECT_EQ(join(pairs[0].target), japanese);
  }
  EXPECT_TRUE(shipped().translate(words("The cats that saw the dog likes fish .")).empty());
  EXPECT_TRUE(shipped().translate(words("The apple ate the boy .")).empty());
}

TEST(ShippedGrammar, ACounterIsLinkedToWhatIsCounted) {
  const auto pairs = shipped().translate(words("Two strong boys ran ."));
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_EQ(join(pairs[0].target), "二 人 の 強い 男の子 は 走り ました 。");
  EXPECT_THAT(pairs[0].links, ElementsAre(Pair(0, 0), Pair(1, 3), Pair(2, 1), Pair(2, 4),
                                          Pair(3, 6), Pair(3, 7), Pair(4, 8)));
}

TEST(ShippedGrammar, MassNounsAreSingular) {
  EXPECT_EQ(shipped().translate(words("The sushi is cheap .")).size(), 1u);
  EXPECT_TRUE(shipped().translate(words("The sushi are cheap .")).empty());
}

TEST(ShippedGrammar, HasAsManyWordsAsItPromises) {
  std::ifstream file(std::filesystem::path(HEED_SOURCE_DIR) / "configs/grammar_en_ja.txt");
  std::map<std::string, std::set<std::string>> entries;
  std::string list;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("words ")) list = line.substr(6, line.find_first_of("[ ", 6) - 6);
    if (line.starts_with("rule ")) list.clear();
    if (!list.empty() && line.starts_with("  ")) entries[list].insert(words(line).at(0));
  }
  EXPECT_GE(entries["N"].size(), 150u);
  EXPECT_GE(entries["V"].size(), 40u);
  EXPECT_GE(entries["AdjI"].size() + entries["AdjNa"].size(), 40u);
}

TEST(ShippedGrammar, OneEnglishSentenceHasOneTranslation) {
  SplitMix64 random(11);
  std::map<std::string, std::string> translations;
  for (int i = 0; i < 200000; ++i) {
    const AlignedPair pair = shipped().sample(random);
    const auto [place, is_new] = translations.emplace(join(pair.source), join(pair.target));
    ASSERT_EQ(place->second, join(pair.target)) << place->first;
  }
  EXPECT_GT(translations.size(), 150000u);
}

/// Stronger than sampling twice: all structures of a sentence must agree.
TEST(ShippedGrammar, EveryAnalysisOfASentenceGivesTheSamePair) {
  SplitMix64 random(12);
  for (int i = 0; i < 150; ++i) {
    const AlignedPair pair = shipped().sample(random);
    EXPECT_THAT(shipped().translate(pair.source), ElementsAre(pair)) << join(pair.source);
  }
}

TEST(ShippedGrammar, AlignmentsAreInRangeCrossingPartialAndOneToMany) {
  SplitMix64 random(13);
  int crossing = 0, unaligned = 0, one_to_many = 0;
  for (int i = 0; i < 2000; ++i) {
    const AlignedPair pair = shipped().sample(random);
    std::vector<int> source(pair.source.size()), target(pair.target.size());
    for (std::size_t k = 0; k < pair.links.size(); ++k) {
      ++source.at(pair.links[k].first);
      ++target.at(pair.links[k].second);
      if (k == 0) continue;
      ASSERT_LT(pair.links[k - 1], pair.links[k]);
      crossing += pair.links[k].second < pair.links[k - 1].second ? 1 : 0;
    }
    unaligned += std::count(source.begin(), source.end(), 0) > 0 ? 1 : 0;
    unaligned += std::count(target.begin(), target.end(), 0) > 0 ? 1 : 0;
    one_to_many += *std::max_element(source.begin(), source.end()) > 1 ? 1 : 0;
    ASSERT_EQ(target.back(), pair.source.back() == "?" || pair.source.back() == "." ? 1 : 0);
  }
  EXPECT_GT(crossing, 2000);
  EXPECT_GT(unaligned, 2000);
  EXPECT_GT(one_to_many, 1500);
}

TEST(ShippedGrammar, EveryWordOfItIsSampled) {
  SplitMix64 random(14);
  std::set<std::string> seen;
  for (int i = 0; i < 60000; ++i) {
    const AlignedPair pair = shipped().sample(random);
    seen.insert(pair.target.begin(), pair.target.end());
  }
  std::ifstream file(std::filesystem::path(HEED_SOURCE_DIR) / "configs/grammar_en_ja.txt");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("  ") || line.find("||") != std::string::npos) continue;
    const std::size_t bar = line.find(" | ");
    if (bar == std::string::npos) continue;
    std::string target = words(line.substr(bar + 3)).at(0);
    target = target.substr(0, target.find('_'));
    EXPECT_TRUE(target == "-" || seen.contains(target)) << line;
  }
}

}  // namespace
}  // namespace heed
