#include "data/subword_sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "data/tokenizer.h"
#include "data/tokenizer_training.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

using Ids = std::vector<TokenId>;

constexpr double kHardlyEver = 1e-300;
constexpr double kAlways = 1.0;

const std::vector<std::string> kLines = {
    "a quick brown fox jumps over the lazy dog",
    "the quick brown foxes jumped over lazy dogs",
    "jumping foxes and sleeping dogs",
    "the dog and the fox are over there",
    "\u30AB\u732B\u304C\u597D\u304D \u732B\u304C \u597D\u304D\u3067\u3059",
    "quickly the brownish fox overjumped the laziest of all dogs"};

Tokenizer train(const TemporaryFolder& folder, SubwordModel model) {
  TokenizerTrainingOptions options;
  options.model = model;
  options.vocab_size = model == SubwordModel::kBpe ? 350 : 300;
  train_tokenizer(kLines, options, folder / "trained.spm");
  return Tokenizer::load(folder / "trained.spm");
}

/// a, b, c and all that is made of neighbours of them: "abc" has four segmentations.
Vocabulary letters(SubwordModel model) {
  Vocabulary vocabulary{model, {{"<pad>"}, {"<unk>"}, {"<s>"}, {"</s>"}}};
  const std::map<std::string, float> scores = {{"a", -1.0F},  {"b", -2.0F},  {"c", -1.5F},
                                               {"ab", -2.5F}, {"bc", -4.0F}, {"abc", -5.0F}};
  for (const auto& [text, score] : scores) vocabulary.pieces.push_back({text, score, true});
  return vocabulary;
}

std::string spell(const Vocabulary& vocabulary, const Ids& ids) {
  std::string text;
  for (const TokenId id : ids) text += vocabulary.pieces[static_cast<std::size_t>(id)].text + ' ';
  return text;
}

std::map<std::string, double> frequencies(const SubwordSampling& sampling, SubwordModel model,
                                          int draws) {
  const Vocabulary vocabulary = letters(model);
  const SubwordSampler sampler(vocabulary, sampling);
  std::map<std::string, double> shares;
  SplitMix64 random(1);
  for (int i = 0; i < draws; ++i)
    shares[spell(vocabulary, sampler.sample(Ids{6}, random))] += 1.0 / draws;
  return shares;
}

TEST(SubwordSamplerTest, WithoutRandomnessItIsTheIdentity) {
  const TemporaryFolder folder;
  const Tokenizer tokenizer = train(folder, SubwordModel::kBpe);
  const SubwordSampler sampler(tokenizer.vocabulary(), {.unigram_alpha = 0.5});  // not for BPE
  EXPECT_FALSE(sampler.is_random());
  SplitMix64 random(1);
  const Ids ids = tokenizer.encode(kLines[0]);
  EXPECT_EQ(sampler.sample(ids, random), ids);
}

TEST(SubwordSamplerTest, MergingAllGivesWhatSentencePieceGives) {
  const TemporaryFolder folder;
  const Tokenizer tokenizer = train(folder, SubwordModel::kBpe);
  const SubwordSampler all(tokenizer.vocabulary(), {.bpe_dropout = kHardlyEver});
  const SubwordSampler none(tokenizer.vocabulary(), {.bpe_dropout = kAlways});
  SplitMix64 random(1);
  for (const std::string& line : kLines) {
    const Ids ids = tokenizer.encode(line);
    const Ids letters = none.sample(ids, random);
    EXPECT_GT(letters.size(), ids.size());
    EXPECT_EQ(all.sample(letters, random), ids) << line;
  }
}

TEST(SubwordSamplerTest, ASteepUnigramLatticeGivesTheMostProbableSegmentation) {
  const TemporaryFolder folder;
  const Tokenizer tokenizer = train(folder, SubwordModel::kUnigram);
  const SubwordSampler sampler(tokenizer.vocabulary(), {.unigram_alpha = 1e4});
  SplitMix64 random(1);
  for (const std::string& line : kLines) {
    const Ids ids = tokenizer.encode(line);
    EXPECT_EQ(sampler.sample(ids, random), ids) << line;
  }
}

TEST(SubwordSamplerTest, WhateverIsDrawnSpellsTheSameText) {
  const TemporaryFolder folder;
  for (const SubwordModel model : {SubwordModel::kBpe, SubwordModel::kUnigram}) {
    const Tokenizer tokenizer = train(folder, model);
    const SubwordSampler sampler(tokenizer.vocabulary(),
                                 {.bpe_dropout = 0.3, .unigram_alpha = 0.2});
    ASSERT_TRUE(sampler.is_random());
    SplitMix64 random(7);
    int others = 0;
    for (const std::string& line : kLines) {
      // A smiley is spelt in bytes, which stay as they are.
      const std::string text = line + " \U0001F600 fox";
      const Ids ids = tokenizer.encode(text);
      for (int draw = 0; draw < 20; ++draw) {
        const Ids drawn = sampler.sample(ids, random);
        EXPECT_EQ(tokenizer.decode(drawn), tokenizer.decode(ids));
        others += static_cast<int>(drawn != ids);
      }
    }
    EXPECT_GT(others, 40);  // of 120
  }
}

TEST(SubwordSamplerTest, UnigramSegmentationsAreDrawnByTheAlphaThPowerOfTheirProbability) {
  constexpr double kAlpha = 0.5;
  const std::map<std::string, double> log_probs = {
      {"a b c ", -4.5}, {"ab c ", -4.0}, {"a bc ", -5.0}, {"abc ", -5.0}};
  double sum = 0.0;
  for (const auto& [text, log_prob] : log_probs) sum += std::exp(kAlpha * log_prob);
  const auto shares = frequencies({.unigram_alpha = kAlpha}, SubwordModel::kUnigram, 40000);
  EXPECT_EQ(shares.size(), log_probs.size());
  for (const auto& [text, log_prob] : log_probs)
    EXPECT_NEAR(shares.at(text), std::exp(kAlpha * log_prob) / sum, 0.01) << text;
}

TEST(SubwordSamplerTest, EachMergeIsLeftOutWithTheGivenProbability) {
  // "ab" is merged first, then "ab" with "c"; where "ab" is left out, "bc", then "a" with "bc".
  constexpr double p = 0.3;
  const auto shares = frequencies({.bpe_dropout = p}, SubwordModel::kBpe, 40000);
  EXPECT_NEAR(shares.at("abc "), (1 - p) * (1 - p) + p * (1 - p) * (1 - p), 0.01);
  EXPECT_NEAR(shares.at("ab c "), (1 - p) * p, 0.01);
  EXPECT_NEAR(shares.at("a bc "), p * (1 - p) * p, 0.01);
  EXPECT_NEAR(shares.at("a b c "), p * p, 0.01);
}

TEST(SubwordSamplerTest, AMergeThatWasLeftOutMayComeAfterAnother) {
  Vocabulary vocabulary{SubwordModel::kBpe, {{"<pad>"}, {"<unk>"}, {"<s>"}, {"</s>"}}};
  for (const char* text : {"a", "b", "c", "d", "ab", "cd"})
    vocabulary.pieces.push_back({text, text[1] == 'b' ? -1.0F : -2.0F, true});
  constexpr double p = 0.4;
  constexpr int kDraws = 40000;
  const SubwordSampler sampler(vocabulary, {.bpe_dropout = p});
  SplitMix64 random(1);
  std::map<std::string, double> shares;
  for (int i = 0; i < kDraws; ++i)
    shares[spell(vocabulary, sampler.sample(Ids{8, 9}, random))] += 1.0 / kDraws;
  EXPECT_NEAR(shares.at("a b c d "), p * p, 0.01);
  EXPECT_NEAR(shares.at("ab c d "), (1 - p) * p, 0.01);
  EXPECT_NEAR(shares.at("a b cd "), p * (1 - p) * p, 0.01);
}

TEST(SubwordSamplerTest, OverlapsShareOutTheCharactersOfPieces) {
  const SubwordSampler sampler(letters(SubwordModel::kBpe), {});
  // In the map's order: 4 a, 5 ab, 6 abc, 7 b, 8 bc, 9 c; and unk, which counts as one character.
  const Ids given{5, 9, kUnkId, 6};
  const Ids other{4, 8, kUnkId, 5, 9};
  const PieceOverlaps overlaps = sampler.overlaps(given, other);
  const auto is = [](std::uint32_t piece, float of_given, float of_other) {
    return testing::AllOf(testing::Field(&PieceOverlap::piece, piece),
                          testing::Field(&PieceOverlap::of_given, testing::FloatEq(of_given)),
                          testing::Field(&PieceOverlap::of_other, testing::FloatEq(of_other)));
  };
  ASSERT_EQ(overlaps.size(), given.size());
  EXPECT_THAT(overlaps[0], testing::ElementsAre(is(0, 0.5F, 1.0F), is(1, 0.5F, 0.5F)));
  EXPECT_THAT(overlaps[1], testing::ElementsAre(is(1, 1.0F, 0.5F)));
  EXPECT_THAT(overlaps[2], testing::ElementsAre(is(2, 1.0F, 1.0F)));
  EXPECT_THAT(overlaps[3], testing::ElementsAre(is(3, 2.0F / 3, 1.0F), is(4, 1.0F / 3, 1.0F)));
}

TEST(SubwordSamplerTest, WhatIsDrawnDependsOnTheGeneratorAlone) {
  const TemporaryFolder folder;
  const Tokenizer tokenizer = train(folder, SubwordModel::kBpe);
  const SubwordSampler one(tokenizer.vocabulary(), {.bpe_dropout = 0.3});
  const SubwordSampler other(tokenizer.vocabulary(), {.bpe_dropout = 0.3});
  const Ids ids = tokenizer.encode(kLines[0]);
  SplitMix64 first(5);
  SplitMix64 second(5);
  for (int draw = 0; draw < 10; ++draw)
    EXPECT_EQ(one.sample(ids, first), other.sample(ids, second));
}

}  // namespace
}  // namespace heed
