#include "app/train/corpus_defaults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/config/config_file.h"
#include "model/transformer.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

RunConfig config_for(const CorpusFacts& facts, const std::vector<std::string>& given = {}) {
  GivenConfig config = read_given_config({}, given);
  for (const ChosenSettings& chosen : choose_settings(facts)) fill_in(config, chosen.settings);
  return config.config;
}

TEST(CorpusDefaultsTest, CountsPairsAndComparesLetters) {
  const TemporaryFolder folder;
  DataConfig data;
  data.train_src = {folder.write("a.en", "The cat sat.\n\nA dog, 12 kg.\n")};
  data.train_tgt = {folder.write("a.de", "Die Katze saß.\nleer\nEin Hund, 12 kg.\n")};
  CorpusFacts facts = measure_corpus(data);
  EXPECT_EQ(facts.pairs, 2U);
  EXPECT_TRUE(facts.shares_letters);
  data.train_tgt = {folder.write("a.ja", "猫 は 座っ た 。\n空\n犬 、 12 kg 。\n")};
  EXPECT_FALSE(measure_corpus(data).shares_letters);
}

TEST(CorpusDefaultsTest, LargerTextsHaveLargerModels) {
  std::int64_t former = 0;
  for (const std::size_t pairs : {5'000, 30'000, 200'000, 2'000'000, 20'000'000}) {
    RunConfig config = config_for({pairs, true});
    config.model.src_vocab_size = config.model.tgt_vocab_size = config.tokenizer.vocab_size;
    const std::int64_t parameters = count_parameters(config.model);
    EXPECT_GT(parameters, former) << pairs;
    former = parameters;
  }
}

TEST(CorpusDefaultsTest, SidesInDifferentLettersHaveSubwordsOfTheirOwn) {
  EXPECT_TRUE(config_for({30'000, true}).tokenizer.joint);
  EXPECT_EQ(config_for({30'000, true}).model.tying, Tying::kAll);
  EXPECT_FALSE(config_for({30'000, false}).tokenizer.joint);
  EXPECT_EQ(config_for({30'000, false}).model.tying, Tying::kDecoder);
}

TEST(CorpusDefaultsTest, WhatSomebodyHasGivenStays) {
  const RunConfig config =
      config_for({30'000, true},
                 {"tokenizer.vocab_size=1234", "model.dropout=0.05", "training.max_tokens=99"});
  EXPECT_EQ(config.tokenizer.vocab_size, 1234);
  EXPECT_EQ(config.training.max_tokens, 99);
  EXPECT_EQ(config.model.attention_dropout, 0.05);
  EXPECT_EQ(config.model.ffn_dropout, 0.05);
}

TEST(CorpusDefaultsTest, APartIsHeldOutWhereThereIsNoDevText) {
  EXPECT_EQ(config_for({30'000, true, /*has_dev=*/false}).data.hold_out, 1000);
  EXPECT_EQ(config_for({4'000, true, /*has_dev=*/false}).data.hold_out, 200);
  EXPECT_EQ(config_for({30'000, true, /*has_dev=*/true}).data.hold_out, 0);
}

}  // namespace
}  // namespace heed
