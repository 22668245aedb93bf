#include "app/train/replicas.h"

#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "app/progress.h"
#include "app/train/process_group.h"
#include "model/aten_ops.h"
#include "model/kernels/kernels.h"
#include "model/loss.h"

namespace heed {
namespace {

/// Times one phase after another.
class PhaseTimer {
 public:
  void add_to(double& phase) {
    phase += watch_.seconds();
    watch_ = {};
  }

 private:
  Stopwatch watch_;
};

BFloat16* low_precision_at(const at::Tensor& tensor, std::int64_t first) {
  return static_cast<BFloat16*>(tensor.mutable_data_ptr()) + first;
}

}  // namespace

Replicas::Replicas(const TransformerModel& model, WorkerPool& pool, Precision precision,
                   const LossOptions& loss, std::uint64_t seed)
    : model_(model), pool_(pool), loss_options_(loss), seed_(seed) {
  shard_phases_.resize(pool.size());
  if (precision == Precision::kBf16) low_precision_ = model.values().to(at::kBFloat16);
  for (std::size_t replica = 0; replica < pool.size(); ++replica) {
    grads_.push_back(model.layout().make_buffer(model.device()));
    replicas_.push_back(model.make_replica(grads_.back(), low_precision_));
  }
}

void Replicas::refresh() {
  if (low_precision_.defined()) low_precision_.copy_(model_.values());
}

at::Tensor Replicas::accumulate(const PreparedBatch& batch, std::int64_t update, std::int64_t part,
                                std::size_t first_shard) {
  std::vector<at::Tensor> losses(batch.shards.size());
  pool_.run(batch.shards.size(), [&](std::size_t shard, std::size_t) {
    // Masks of different parts and shards come from different streams.
    const std::uint64_t stream = (static_cast<std::uint64_t>(part) << 32) + first_shard + shard;
    losses[shard] =
        run_shard(shard, batch.shards[shard], static_cast<std::uint64_t>(update), stream);
  });
  at::Tensor total = losses.front();
  for (std::size_t shard = 1; shard < losses.size(); ++shard) total = total + losses[shard];
  return total;
}

Loss Replicas::loss_of(const Transformer& transformer, const at::Tensor& hidden,
                       const PackedPairs& pairs) const {
  const at::Tensor targets = copy_to(pairs.tgt_out.ids, model_.device());
  if (pairs.passes == 1)
    return projected_loss(hidden, transformer.output_weight(), targets,
                          loss_options_.label_smoothing, transformer.output_bias());
  return consistent_loss(hidden, transformer.output_weight(), targets,
                         loss_options_.label_smoothing, loss_options_.consistency,
                         transformer.output_bias());
}

at::Tensor Replicas::run_shard(std::size_t replica, const std::vector<PackedPairs>& parts,
                               std::uint64_t update, std::uint64_t stream) {
  const Transformer& transformer = *replicas_[replica];
  const at::Device device = model_.device();
  DropoutStream dropout(seed_, update, stream);
  const ForwardContext context{&dropout, nullptr};
  at::Tensor total = at::zeros({kLossParts}, at::TensorOptions().dtype(at::kDouble).device(device));
  PhaseSeconds& phases = shard_phases_[replica];
  for (const PackedPairs& pairs : parts) {
    PhaseTimer timer;
    const Memory memory = transformer.encode(pairs.src.to(device), context);
    const at::Tensor hidden = transformer.decode(pairs.tgt_in.to(device), memory, context);
    timer.add_to(phases.forward);
    const Loss loss = loss_of(transformer, hidden, pairs);
    total.select(0, 0) += loss.total;
    if (loss.divergence.defined()) total.select(0, 2) += loss.divergence;
    torch::autograd::variable_list ends{hidden};
    torch::autograd::variable_list grads{loss.hidden_grad};
    if (pairs.alignment.src_of_tgt.defined()) {
      const AlignmentScores scores = transformer.alignment_head()->forward(
          hidden, pairs.tgt_in.packing.on(device), memory, context);
      ends.push_back(alignment_loss(scores, pairs.alignment.to(device)));
      grads.push_back(at::full_like(ends.back(), loss_options_.alignment_weight));
      total.select(0, 1) += ends.back().detach();
    }
    timer.add_to(phases.loss);
    torch::autograd::backward(ends, grads);
    timer.add_to(phases.backward);
  }
  return total;
}

void Replicas::for_stretches(
    const std::function<void(std::int64_t, std::int64_t, std::size_t)>& body) {
  const std::int64_t size = grads_.front().numel();
  const auto stretches = static_cast<std::size_t>((size + kStretch - 1) / kStretch);
  pool_.run(stretches, [&](std::size_t stretch, std::size_t) {
    const std::int64_t first = static_cast<std::int64_t>(stretch) * kStretch;
    body(first, std::min(kStretch, size - first), stretch);
  });
}

std::size_t replica_count(const RunConfig& config, at::Device device) {
  if (!device.is_cpu()) return 1;
  if (config.training.threads > 0) return static_cast<std::size_t>(config.training.threads);
  // Processes of one machine share its cores, unless their starter has bound each to some.
  const std::size_t cores = available_cores();
  const bool is_bound = cores < std::thread::hardware_concurrency();
  return is_bound ? cores : std::max<std::size_t>(1, cores / local_processes());
}

PhaseSeconds Replicas::phases() const {
  PhaseSeconds mean = shared_phases_;
  const auto count = static_cast<double>(shard_phases_.size());
  for (const PhaseSeconds& phases : shard_phases_) {
    mean.forward += phases.forward / count;
    mean.loss += phases.loss / count;
    mean.backward += phases.backward / count;
  }
  return mean;
}

const at::Tensor& Replicas::reduce() {
  PhaseTimer timer;
  if (grads_.size() > 1)
    for_stretches([this](std::int64_t first, std::int64_t size, std::size_t) {
      float* sum = grads_.front().mutable_data_ptr<float>() + first;
      for (std::size_t replica = 1; replica < grads_.size(); ++replica) {
        float* other = grads_[replica].mutable_data_ptr<float>() + first;
        flat_kernels().add(sum, other, size);
        std::fill(other, other + size, 0.0F);
      }
    });
  timer.add_to(shared_phases_.reduce);
  return grads_.front();
}

at::Tensor Replicas::gradient_norm() {
  PhaseTimer timer;
  const at::Tensor& grads = grads_.front();
  if (!grads.is_cpu()) return grads.norm();
  std::vector<double> squares(static_cast<std::size_t>(grads.numel() / kStretch + 1));
  for_stretches([&](std::int64_t first, std::int64_t size, std::size_t stretch) {
    squares[stretch] = flat_kernels().sum_of_squares(grads.const_data_ptr<float>() + first, size);
  });
  double total = 0.0;
  for (const double square : squares) total += square;
  timer.add_to(shared_phases_.reduce);
  return at::full({}, std::sqrt(total), at::kDouble);
}

void Replicas::drop_gradients() {
  for (at::Tensor& grads : grads_) grads.zero_();
}

void Replicas::update_parameters(Optimizer& optimizer, double grad_scale, double learning_rate,
                                 std::int64_t update) {
  PhaseTimer timer;
  const at::Tensor& grads = grads_.front();
  const at::Tensor& values = model_.values();
  if (!grads.is_cpu()) {
    optimizer.step(values, grads, grad_scale, learning_rate, update);
    grads.zero_();
    return refresh();
  }
  pool_.run(optimizer.parts().size(), [&](std::size_t task, std::size_t) {
    const Optimizer::Part& part = optimizer.parts()[task];
    optimizer.step_part(part, values, grads, grad_scale, learning_rate, update);
    if (low_precision_.defined())
      flat_kernels().to_bfloat16(values.const_data_ptr<float>() + part.first, part.size,
                                 low_precision_at(low_precision_, part.first));
    float* used = grads.mutable_data_ptr<float>() + part.first;
    std::fill(used, used + part.size, 0.0F);
  });
  timer.add_to(shared_phases_.optimizer);
}

}  // namespace heed
