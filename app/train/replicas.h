#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "app/config/run_config.h"
#include "app/train/batch_feed.h"
#include "app/worker_pool.h"
#include "model/loss.h"
#include "model/optimizer.h"
#include "model/transformer_model.h"

namespace heed {

/// Seconds that updates spent, a replica: the mean of all. What is not here is waiting for batches
/// and for the slowest replica.
struct PhaseSeconds {
  double forward = 0.0;
  double loss = 0.0;  // output projection and its gradients included
  double backward = 0.0;
  double reduce = 0.0;  // adding up gradients, their norm
  double optimizer = 0.0;
};

/// Parts that the loss is reported in: translation, alignment, divergence of passes.
inline constexpr std::int64_t kLossParts = 3;

/// What is minimised.
struct LossOptions {
  double label_smoothing = 0.0;
  double consistency = 0.0;       // of pairs that come in two passes, see consistent_loss
  double alignment_weight = 0.0;  // of the alignment head's loss, where pairs come with targets
};

/// Data-parallel replicas of a model: they share its parameters, each has gradients of its own. A
/// batch is dealt out to them and their gradients are added up in the replicas' order, so a result
/// depends on their number, never on which thread was faster.
class Replicas {
 public:
  /// One replica for each worker of `pool`; `precision` is not auto. All must outlive this.
  Replicas(const TransformerModel& model, WorkerPool& pool, Precision precision,
           const LossOptions& loss, std::uint64_t seed);

  /// Takes over parameters that changed other than by `update_parameters`.
  void refresh();
  /// Adds the gradient of the batch's summed loss and returns its parts, in nats: [3], double,
  /// as in UpdateResult; on a GPU a tensor that is not computed yet. `update`, `part`
  /// (which batch of the update) and `first_shard` choose the dropout masks.
  at::Tensor accumulate(const PreparedBatch& batch, std::int64_t update, std::int64_t part,
                        std::size_t first_shard);
  /// The sum of all replicas' gradients since the last update, a flat buffer.
  const at::Tensor& reduce();
  /// Euclidean norm of what `reduce` gave, 0-dimensional.
  at::Tensor gradient_norm();
  /// One update of the parameters by what `reduce` gave times `grad_scale`; zeroes the gradients.
  void update_parameters(Optimizer& optimizer, double grad_scale, double learning_rate,
                         std::int64_t update);
  /// Forgets what was accumulated, reduced or not.
  void drop_gradients();

  /// Since the replicas were made. On a GPU the time to ask for the work, not to do it.
  PhaseSeconds phases() const;

 private:
  Loss loss_of(const Transformer& transformer, const at::Tensor& hidden,
               const PackedPairs& pairs) const;
  at::Tensor run_shard(std::size_t replica, const std::vector<PackedPairs>& parts,
                       std::uint64_t update, std::uint64_t stream);
  /// Runs `body(first, size, stretch)` for stretches of the flat buffers, by all workers. Sums over
  /// them are added in their order, so that they don't depend on the number of workers.
  void for_stretches(const std::function<void(std::int64_t, std::int64_t, std::size_t)>& body);

  const TransformerModel& model_;
  WorkerPool& pool_;
  LossOptions loss_options_;
  std::uint64_t seed_;
  at::Tensor low_precision_;  // bfloat16 copy of the parameters; undefined with fp32
  std::vector<at::Tensor> grads_;
  std::vector<std::unique_ptr<Transformer>> replicas_;
  std::vector<PhaseSeconds> shard_phases_;  // one a replica
  PhaseSeconds shared_phases_;
};

/// Replicas of a process: on a CPU training.threads, 0 being one a core; on a GPU one.
std::size_t replica_count(const RunConfig& config, at::Device device);

}  // namespace heed
