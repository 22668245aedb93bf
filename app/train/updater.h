#pragma once

#include "app/train/batch_feed.h"
#include "app/train/process_group.h"
#include "app/train/replicas.h"

namespace heed {

/// What one update did.
struct UpdateResult {
  /// Of this process's shards, summed, in nats: of translation, then of alignment; [2].
  at::Tensor loss;
  at::Tensor gradient_norm;     // of the mean loss, before clipping; 0-dimensional
  std::int64_t tgt_tokens = 0;  // of all processes
  double learning_rate = 0.0;
  // Where the run stands afterwards.
  std::int64_t epoch = 0;
  std::int64_t batch_in_epoch = 0;
};

/// The options of the optimizer that a configuration names.
AdamOptions adam_options(const OptimizerConfig& optimizer);

/// Updates of a model, one after another: batches, gradients, optimizer.
class Updater {
 public:
  /// All but `corpus` and `guide`, which may be null, must outlive this. Goes on from batch
  /// `batch_in_epoch` of `epoch`. Throws UsageError when the processes of `group` have different
  /// numbers of workers.
  Updater(const RunConfig& config, const EncodedCorpus& corpus,
          std::shared_ptr<const AlignmentGuide> guide, const TransformerModel& model,
          Adam& optimizer, WorkerPool& pool, ProcessGroup& group, std::int64_t epoch,
          std::int64_t batch_in_epoch);

  /// Update number `update`, from 1.
  UpdateResult run(std::int64_t update);

  std::int64_t batches_in_epoch() const { return feed_.batches_in_epoch(); }
  Precision precision() const { return precision_; }
  Replicas& replicas() { return replicas_; }

 private:
  BatchFeedOptions feed_options(at::Device device, std::int64_t epoch,
                                std::int64_t batch_in_epoch) const;

  const RunConfig& config_;
  Adam& optimizer_;
  ProcessGroup& group_;
  std::size_t own_shards_;
  Precision precision_;
  Replicas replicas_;
  BatchFeed feed_;
};

}  // namespace heed
