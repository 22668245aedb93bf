#include "app/train/batch_feed.h"

#include <gtest/gtest.h>

#include <optional>
#include <set>

#include "data/tokenizer_training.h"
#include "tests/support/aten_ops.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

/// 300 pairs of 0 to 19 ids a side, each side of pair i made of the id 10 + i alone, so that a
/// sentence tells whose it is.
EncodedCorpus corpus() {
  std::vector<std::vector<TokenId>> src;
  std::vector<std::vector<TokenId>> tgt;
  for (std::size_t i = 0; i < 300; ++i) {
    src.emplace_back(1 + i % 19, static_cast<TokenId>(10 + i));
    tgt.emplace_back(1 + i * 7 % 19, static_cast<TokenId>(10 + i));
  }
  return EncodedCorpus::from_ids(src, tgt);
}

BatchFeedOptions options_for(std::size_t shards, std::size_t first, std::size_t own) {
  BatchFeedOptions options;
  options.batches.max_tokens = 400;
  options.shards = shards;
  options.first_shard = first;
  options.own_shards = own;
  options.part_tokens = 64;
  return options;
}

/// Which pairs a part holds, in their order; checks its two sides against each other.
std::vector<std::int64_t> pairs_of(const PackedPairs& part) {
  std::vector<std::int64_t> pairs;
  for (std::int64_t s = 0; s < part.src.packing.batch(); ++s) {
    const auto id = [s](const PackedIds& ids, std::int64_t place) {
      return ids.ids[ids.packing.begin(s) + place].item<std::int64_t>();
    };
    pairs.push_back(id(part.src, 0) - 10);
    EXPECT_EQ(id(part.tgt_out, 0), id(part.src, 0));
    EXPECT_EQ(id(part.tgt_in, 0), kBosId);
    EXPECT_EQ(id(part.tgt_out, part.tgt_out.packing.length(s) - 1), kEosId);
  }
  return pairs;
}

using Shard = std::vector<std::vector<std::int64_t>>;  // parts of pairs

std::vector<Shard> shards_of(const PreparedBatch& batch) {
  std::vector<Shard> shards;
  for (const auto& parts : batch.shards) {
    Shard& shard = shards.emplace_back();
    for (const PackedPairs& part : parts) shard.push_back(pairs_of(part));
  }
  return shards;
}

TEST(BatchFeedTest, AnEpochHoldsEachPairOnceAndCountsItsTokens) {
  BatchFeed feed(corpus(), nullptr, options_for(2, 0, 2));
  std::set<std::int64_t> seen;
  std::int64_t batches = 0;
  PreparedBatch batch;
  while (batch.epoch == 0) {
    batch = feed.next();
    ++batches;
    std::int64_t tokens = 0;
    for (const auto& parts : batch.shards)
      for (const PackedPairs& part : parts) {
        tokens += part.tgt_tokens();
        for (const std::int64_t pair : pairs_of(part)) EXPECT_TRUE(seen.insert(pair).second);
      }
    EXPECT_EQ(batch.tgt_tokens, tokens);
    EXPECT_EQ(batch.batch_in_epoch, batch.epoch == 0 ? batches : 0);
  }
  EXPECT_EQ(seen.size(), 300U);
  EXPECT_EQ(batches, feed.batches_in_epoch());
}

TEST(BatchFeedTest, GoesOnWhereAnotherWouldHaveGoneOn) {
  BatchFeed whole(corpus(), nullptr, options_for(2, 0, 2));
  PreparedBatch batch;
  for (int i = 0; i < 40; ++i) {  // beyond the first epoch
    batch = whole.next();
    if (i % 13 != 0) continue;
    BatchFeedOptions options = options_for(2, 0, 2);
    options.epoch = batch.epoch;
    options.batch_in_epoch = batch.batch_in_epoch;
    BatchFeed resumed(corpus(), nullptr, options);
    BatchFeed again(corpus(), nullptr, options);
    const PreparedBatch next = resumed.next();
    EXPECT_EQ(shards_of(next), shards_of(again.next()));
    if (i == 0) {
      BatchFeed from_start(corpus(), nullptr, options_for(2, 0, 2));
      from_start.next();
      EXPECT_EQ(shards_of(next), shards_of(from_start.next()));
    }
  }
  EXPECT_GT(batch.epoch, 0);
}

TEST(BatchFeedTest, TheShardsOfTwoProcessesAreThoseOfOne) {
  BatchFeed one(corpus(), nullptr, options_for(4, 0, 4));
  BatchFeed first(corpus(), nullptr, options_for(4, 0, 2));
  BatchFeed second(corpus(), nullptr, options_for(4, 2, 2));
  for (int i = 0; i < 20; ++i) {
    const PreparedBatch whole = one.next();
    const PreparedBatch half = first.next();
    const PreparedBatch other_half = second.next();
    std::vector<Shard> together = shards_of(half);
    for (const Shard& shard : shards_of(other_half)) together.push_back(shard);
    EXPECT_EQ(shards_of(whole), together);
    EXPECT_EQ(half.tgt_tokens, whole.tgt_tokens);  // the update's, not the process's
    EXPECT_EQ(other_half.tgt_tokens, whole.tgt_tokens);
  }
}

TEST(BatchFeedTest, LargeSharesComeInParts) {
  BatchFeed feed(corpus(), nullptr, options_for(1, 0, 1));
  for (int i = 0; i < 20; ++i) {
    const PreparedBatch batch = feed.next();
    const std::size_t expected = (static_cast<std::size_t>(batch.tgt_tokens) + 63) / 64;
    EXPECT_EQ(batch.shards[0].size(), expected);
  }
}

TEST(BatchFeedTest, InTwoPassesAPartHasItsPairsTwiceAndWhatTheySayOnce) {
  BatchFeedOptions options = options_for(2, 0, 2);
  options.passes = 2;
  BatchFeed twice(corpus(), nullptr, options);
  BatchFeed once(corpus(), nullptr, options_for(2, 0, 2));
  for (int i = 0; i < 10; ++i) {
    const PreparedBatch batch = twice.next();
    EXPECT_EQ(batch.tgt_tokens, once.next().tgt_tokens);
    std::int64_t said = 0;
    for (const auto& parts : batch.shards)
      for (const PackedPairs& part : parts) {
        EXPECT_EQ(part.passes, 2);
        const std::int64_t pairs = part.tgt_out.packing.batch();
        said += part.tgt_tokens();
        ASSERT_EQ(part.src.packing.batch(), 2 * pairs);
        ASSERT_EQ(part.tgt_in.packing.batch(), 2 * pairs);
        for (const PackedIds* side : {&part.src, &part.tgt_in}) {
          const std::int64_t rows = side->ids.numel() / 2;
          EXPECT_TRUE(at::equal(side->ids.narrow(0, 0, rows), side->ids.narrow(0, rows, rows)));
        }
      }
    EXPECT_EQ(said, batch.tgt_tokens);
  }
}

/// Pieces of words, of a text that each pair has on both sides.
struct SampledText {
  SampledText() {
    const TemporaryFolder folder;
    TokenizerTrainingOptions training;
    training.model = SubwordModel::kBpe;
    training.vocab_size = 60;
    training.byte_fallback = false;
    const std::vector<std::string> lines{"the quick brown fox", "jumps over the lazy dog"};
    train_tokenizer(std::span<const std::string>(lines), training, folder / "bpe.spm");
    const Tokenizer tokenizer = Tokenizer::load(folder / "bpe.spm");
    std::vector<std::vector<TokenId>> ids;
    for (int i = 0; i < 40; ++i) ids.push_back(tokenizer.encode(lines[i % 2]));
    corpus = EncodedCorpus::from_ids(ids, ids);
    PairSamplerOptions sampling;
    sampling.subwords.bpe_dropout = 0.5;
    sampler = std::make_shared<const PairSampler>(Tokenizers{tokenizer, tokenizer}, sampling);
  }

  std::optional<EncodedCorpus> corpus;
  std::shared_ptr<const PairSampler> sampler;
};

/// All ids of a batch's shards.
std::vector<at::Tensor> ids_of(const PreparedBatch& batch) {
  std::vector<at::Tensor> ids;
  for (const auto& parts : batch.shards)
    for (const PackedPairs& part : parts)
      ids.insert(ids.end(), {part.src.ids, part.tgt_in.ids, part.tgt_out.ids});
  return ids;
}

void expect_equal(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(at::equal(a[i], b[i]));
}

TEST(BatchFeedTest, WhatIsSampledIsTheSameForEveryProcessAndAfterEveryStop) {
  const SampledText text;
  const auto options = [&](std::size_t shards, std::size_t first, std::size_t own) {
    BatchFeedOptions result = options_for(shards, first, own);
    result.passes = 2;
    result.sampler = text.sampler;
    return result;
  };
  BatchFeed one(*text.corpus, nullptr, options(2, 0, 2));
  BatchFeed first(*text.corpus, nullptr, options(2, 0, 1));
  BatchFeed second(*text.corpus, nullptr, options(2, 1, 1));
  std::vector<std::vector<at::Tensor>> epochs;
  for (int i = 0; i < 12; ++i) {
    const PreparedBatch whole = one.next();
    const PreparedBatch half = first.next();
    const PreparedBatch other_half = second.next();
    EXPECT_EQ(half.tgt_tokens, whole.tgt_tokens);
    EXPECT_EQ(other_half.tgt_tokens, whole.tgt_tokens);
    std::vector<at::Tensor> together = ids_of(half);
    for (const at::Tensor& ids : ids_of(other_half)) together.push_back(ids);
    expect_equal(ids_of(whole), together);
    BatchFeedOptions later = options(2, 0, 2);
    later.epoch = whole.epoch;
    later.batch_in_epoch = whole.batch_in_epoch;
    epochs.push_back(ids_of(whole));
    if (i == 0) {
      BatchFeed resumed(*text.corpus, nullptr, later);
      BatchFeed again(*text.corpus, nullptr, options(2, 0, 2));
      again.next();
      expect_equal(ids_of(resumed.next()), ids_of(again.next()));
    }
  }
  // Drawn anew: no two batches are the same.
  for (std::size_t i = 1; i < epochs.size(); ++i)
    EXPECT_FALSE(at::equal(epochs[0].front(), epochs[i].front()));
}

TEST(BatchFeedTest, CanBeLeftWhileItIsAhead) {
  const BatchFeed feed(corpus(), nullptr, options_for(1, 0, 1));  // its thread must end with it
}

TEST(BatchFeedTest, FailuresReachTheOneWhoWaits) {
  BatchFeedOptions options = options_for(1, 0, 1);
  options.batches.max_tokens = 0;
  BatchFeed feed(corpus(), nullptr, options);
  EXPECT_THROW(feed.next(), std::invalid_argument);
}

}  // namespace
}  // namespace heed
