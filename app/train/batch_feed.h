#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "app/packed_pairs.h"
#include "app/train/alignment_guide.h"
#include "app/train/pair_sampler.h"
#include "data/batcher.h"

namespace heed {

/// A batch, dealt out to the replicas.
struct PreparedBatch {
  /// One list a replica: its share, in parts that go through the network one after another.
  std::vector<std::vector<PackedPairs>> shards;
  Batch pairs;  // all of it, as indices into the corpus
  /// What `pairs` are turned into, by index: one a pass. Empty where they are taken as they are.
  std::unordered_map<std::uint32_t, std::vector<SampledPair>> samples;
  std::int64_t tgt_tokens = 0;  // of all shards
  std::size_t part_tokens = 0;  // that parts were cut to, see BatchFeedOptions
  // Where the run stands once this batch is used.
  std::int64_t epoch = 0;
  std::int64_t batch_in_epoch = 0;
};

/// Where to begin, and how to deal out.
struct BatchFeedOptions {
  BatchOptions batches;
  std::int64_t epoch = 0;
  std::int64_t batch_in_epoch = 0;
  std::size_t shards = 1;       // of all processes together
  std::size_t first_shard = 0;  // those of this process: this one and `own_shards` - 1 more
  std::size_t own_shards = 1;
  double tgt_cost = 1.0;  // of a target token's work, that of a source token being 1
  /// A share with more target tokens is cut into parts of about equally many: fewer activations are
  /// alive at a time.
  std::size_t part_tokens = 1024;
  std::int64_t passes = 1;                     // see PackedPairs
  std::shared_ptr<const PairSampler> sampler;  // null: pairs are taken as they are
};

/// The batches of a run, epoch after epoch, made ready by a thread of their own.
class BatchFeed {
 public:
  /// `corpus` is copied: its data are shared. `guide`, of the same pairs, may be null.
  BatchFeed(EncodedCorpus corpus, std::shared_ptr<const AlignmentGuide> guide,
            const BatchFeedOptions& options);
  ~BatchFeed();
  BatchFeed(const BatchFeed&) = delete;
  BatchFeed& operator=(const BatchFeed&) = delete;

  /// The next batch; waits where the thread has fallen behind. Rethrows what the thread threw.
  PreparedBatch next();
  /// Deals `batch` out again, in parts of at most half as many tokens as it has now, and so all
  /// that are prepared from here on. False when its parts are single pairs already.
  bool cut_smaller(PreparedBatch& batch);
  /// Of the batches that are prepared from here on.
  std::size_t part_tokens() const { return part_tokens_; }
  /// Batches of the epoch that `next` last gave a batch of.
  std::int64_t batches_in_epoch() const { return batches_in_epoch_; }

 private:
  struct Item {
    PreparedBatch batch;
    std::int64_t batches_in_epoch = 0;
  };

  void work();
  bool put(Item item);
  PreparedBatch prepare(const Batch& batch, std::uint64_t epoch) const;
  void cut_to(PreparedBatch& batch, std::size_t part_tokens) const;
  void deal_out(PreparedBatch& batch) const;
  void sample(PreparedBatch& batch, std::uint64_t epoch) const;
  PackedPairs pack(const PreparedBatch& batch, const Batch& part) const;

  EncodedCorpus corpus_;
  std::shared_ptr<const AlignmentGuide> guide_;
  BatchFeedOptions options_;
  std::int64_t batches_in_epoch_ = 0;
  std::atomic<std::size_t> part_tokens_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> ready_;
  std::exception_ptr failure_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace heed
