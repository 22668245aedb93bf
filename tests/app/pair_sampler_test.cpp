#include "app/train/pair_sampler.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "data/tokenizer_training.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

constexpr const char* kText = "the quick brown fox jumps over the lazy dog";

Tokenizers bpe() {
  const TemporaryFolder folder;
  TokenizerTrainingOptions options;
  options.model = SubwordModel::kBpe;
  options.vocab_size = 60;
  options.byte_fallback = false;
  const std::vector<std::string> lines{kText, "foxes and dogs jump", "a lazy dog, a quick fox"};
  train_tokenizer(std::span<const std::string>(lines), options, folder / "bpe.spm");
  const Tokenizer tokenizer = Tokenizer::load(folder / "bpe.spm");
  return {tokenizer, tokenizer};
}

class PairSamplerTest : public ::testing::Test {
 protected:
  SampledPair sample(const PairSamplerOptions& options, std::uint64_t epoch = 0,
                     std::uint64_t pass = 0, std::uint32_t index = 0) const {
    return PairSampler(tokenizers_, options).sample(corpus_, index, epoch, pass);
  }

  Tokenizers tokenizers_ = bpe();
  std::vector<TokenId> ids_ = tokenizers_.src.encode(kText);
  EncodedCorpus corpus_ = EncodedCorpus::from_ids(std::vector{ids_, ids_}, std::vector{ids_, ids_});
};

PairSamplerOptions with_dropout(double bpe_dropout) {
  PairSamplerOptions options;
  options.subwords.bpe_dropout = bpe_dropout;
  return options;
}

TEST_F(PairSamplerTest, WhatIsDrawnIsAFunctionOfSeedEpochPairAndPass) {
  PairSamplerOptions options = with_dropout(0.5);
  const SampledPair first = sample(options);
  EXPECT_EQ(sample(options).src, first.src);
  EXPECT_EQ(sample(options).tgt, first.tgt);
  EXPECT_NE(first.src, first.tgt);
  EXPECT_NE(sample(options, 1).src, first.src);
  EXPECT_NE(sample(options, 0, 0, 1).src, first.src);
  options.seed = 2;
  EXPECT_NE(sample(options).src, first.src);
}

TEST_F(PairSamplerTest, PassesDifferInTheirSourceAlone) {
  const PairSamplerOptions options = with_dropout(0.5);
  const SampledPair first = sample(options, 3, 0);
  const SampledPair second = sample(options, 3, 1);
  EXPECT_NE(first.src, second.src);
  EXPECT_EQ(first.tgt, second.tgt);
  EXPECT_EQ(first.tgt_in, first.tgt);
}

TEST_F(PairSamplerTest, WholeWordsAreHiddenFromWhatTheNetworkReads) {
  PairSamplerOptions options;
  options.src_word_dropout = 0.4;
  options.tgt_word_dropout = 0.4;
  ASSERT_TRUE(options.is_random());
  int hidden = 0;
  int words = 0;
  for (std::uint64_t epoch = 0; epoch < 200; ++epoch) {
    const SampledPair pair = sample(options, epoch);
    EXPECT_EQ(pair.tgt, ids_);  // what is to be said is whole
    EXPECT_NE(pair.src, pair.tgt_in);
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      const bool is_hidden = pair.src[i] == kUnkId;
      EXPECT_TRUE(is_hidden || pair.src[i] == ids_[i]);
      if (!tokenizers_.src.piece_text(ids_[i]).starts_with("\u2581")) {
        EXPECT_EQ(is_hidden, pair.src[i - 1] == kUnkId);  // as the word's beginning
        continue;
      }
      ++words;
      hidden += static_cast<int>(is_hidden);
    }
  }
  EXPECT_EQ(words, 200 * 9);
  EXPECT_NEAR(static_cast<double>(hidden) / words, 0.4, 0.05);
}

TEST_F(PairSamplerTest, ASegmentationThatIsTooLongIsNotTaken) {
  PairSamplerOptions options = with_dropout(1.0);
  EXPECT_EQ(sample(options).src.size(), std::string(kText).size() + 1);  // letter by letter
  options.max_length = ids_.size();
  EXPECT_EQ(sample(options).src, ids_);
}

TEST_F(PairSamplerTest, ThePiecesOfTheCorpusLieOverThoseDrawn) {
  PairSamplerOptions options = with_dropout(0.5);
  EXPECT_TRUE(sample(options).src_overlaps.empty());
  options.with_overlaps = true;
  const SampledPair pair = sample(options);
  ASSERT_EQ(pair.src_overlaps.size(), ids_.size());
  for (const auto& overlaps : pair.src_overlaps) {
    float whole = 0.0F;
    for (const PieceOverlap& overlap : overlaps) whole += overlap.of_given;
    EXPECT_FLOAT_EQ(whole, 1.0F);
    EXPECT_LT(overlaps.back().piece, pair.src.size());
  }
}

}  // namespace
}  // namespace heed
