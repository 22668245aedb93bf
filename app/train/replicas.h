#pragma once

#include <memory>
#include <span>
#include <vector>

#include "app/worker_pool.h"
#include "data/encoded_corpus.h"
#include "model/transformer_model.h"

namespace heed {

/// What one forward and backward pass over a batch gave.
struct BatchLoss {
  double loss = 0.0;  // sum over target tokens, in nats
  std::int64_t tgt_tokens = 0;

  BatchLoss& operator+=(const BatchLoss& other);
};

/// Data-parallel replicas of a model: they share its parameters, each has gradients of its own. A
/// batch is dealt out to them and their gradients are added up in the replicas' order, so a result
/// depends on their number, never on which thread was faster.
class Replicas {
 public:
  /// One replica for each worker of `pool`. All must outlive this.
  Replicas(const TransformerModel& model, const EncodedCorpus& corpus, WorkerPool& pool,
           double label_smoothing, std::uint64_t seed);

  /// Zeroes the gradients.
  void begin_update();
  /// Adds the gradient of the batch's summed loss. `update` and `part` (which batch of the update)
  /// choose the dropout masks.
  BatchLoss accumulate(std::span<const std::uint32_t> batch, std::int64_t update,
                       std::int64_t part);
  /// The sum of all replicas' gradients, a flat buffer.
  const at::Tensor& reduce();

 private:
  BatchLoss run_shard(std::size_t replica, std::span<const std::uint32_t> shard,
                      std::uint64_t update, std::uint64_t stream);

  const TransformerModel& model_;
  const EncodedCorpus& corpus_;
  WorkerPool& pool_;
  double label_smoothing_;
  std::uint64_t seed_;
  std::vector<at::Tensor> grads_;
  std::vector<std::unique_ptr<Transformer>> replicas_;
};

/// The loss of a batch of pairs under `transformer`, a tensor to go backward from; dropout where
/// `context` has a stream. Sums over target tokens, eos included.
struct ForwardLoss {
  at::Tensor loss;
  std::int64_t tgt_tokens = 0;
};
ForwardLoss forward_loss(const Transformer& transformer, const EncodedCorpus& corpus,
                         std::span<const std::uint32_t> batch, double label_smoothing,
                         const ForwardContext& context, at::Device device);

}  // namespace heed
