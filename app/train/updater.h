#pragma once

#include "app/train/batch_feed.h"
#include "app/train/process_group.h"
#include "app/train/replicas.h"

namespace heed {

/// What one update did.
struct UpdateResult {
  /// Of this process's shards, summed, in nats: of translation, of alignment, and the divergence of
  /// two passes (see consistent_loss); [kLossParts].
  at::Tensor loss;
  double gradient_norm = 0.0;  // of the mean loss, before clipping
  /// Whether loss and gradient were finite, in all processes; else the model is as it was.
  bool is_finite = true;
  std::int64_t tgt_tokens = 0;  // of all processes
  double learning_rate = 0.0;
  // Where the run stands afterwards.
  std::int64_t epoch = 0;
  std::int64_t batch_in_epoch = 0;
};

/// Where updates begin, and in which way they are made.
struct UpdaterStart {
  std::int64_t epoch = 0;
  std::int64_t batch_in_epoch = 0;
  std::int64_t part_tokens = 0;  // see BatchFeedOptions; 0: what suits the device
  Precision precision = Precision::kFp32;
};

/// What training.precision means on this machine; the first process's choice is everyone's.
Precision agree_on_precision(Precision wanted, const TransformerModel& model,
                             const TransformerConfig& config, ProcessGroup& group);

/// The options of the optimizer that a configuration names.
OptimizerOptions optimizer_options(const OptimizerConfig& optimizer);

/// Updates of a model, one after another: batches, gradients, optimizer.
class Updater {
 public:
  /// All but `corpus` and `guide`, which may be null, must outlive this. Throws UsageError when the
  /// processes of `group` have different numbers of workers.
  Updater(const RunConfig& config, const EncodedCorpus& corpus,
          std::shared_ptr<const AlignmentGuide> guide, const Tokenizers& tokenizers,
          const TransformerModel& model, Optimizer& optimizer, WorkerPool& pool,
          ProcessGroup& group, const UpdaterStart& start);

  /// Update number `update`, from 1. A batch that there is no memory for is cut into smaller parts;
  /// throws std::runtime_error when there is none for a single pair.
  UpdateResult run(std::int64_t update, double learning_rate);

  std::int64_t batches_in_epoch() const { return feed_.batches_in_epoch(); }
  std::int64_t part_tokens() const { return static_cast<std::int64_t>(feed_.part_tokens()); }
  Replicas& replicas() { return replicas_; }

 private:
  BatchFeedOptions feed_options(const Tokenizers& tokenizers, at::Device device,
                                const UpdaterStart& start) const;
  /// Adds up the gradients of an update's batches; returns their loss.
  at::Tensor accumulate(std::vector<PreparedBatch>& batches, std::int64_t update);
  at::Tensor try_to_accumulate(const std::vector<PreparedBatch>& batches, std::int64_t update);
  void cut_smaller(std::vector<PreparedBatch>& batches, std::int64_t update);
  void step(UpdateResult& result, std::int64_t update);

  const RunConfig& config_;
  Optimizer& optimizer_;
  ProcessGroup& group_;
  std::size_t own_shards_;
  Replicas replicas_;
  BatchFeed feed_;
};

}  // namespace heed
