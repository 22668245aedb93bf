#include "app/train/updater.h"

#include <fmt/format.h>

#include "app/errors.h"
#include "app/train/precision.h"
#include "model/aten_ops.h"
#include "model/flops.h"
#include "model/schedule.h"

namespace heed {
namespace {

void check_replicas(ProcessGroup& group, std::size_t own) {
  std::vector<double> counts(group.size());
  counts[group.rank()] = static_cast<double>(own);
  group.all_reduce(counts);
  for (std::size_t rank = 0; rank < group.size(); ++rank)
    if (counts[rank] != static_cast<double>(own))
      throw UsageError(fmt::format(
          "process {} has {} replicas, process {} has {:.0f}; set training.threads to one number",
          group.rank(), own, rank, counts[rank]));
}

/// The first process's choice is everyone's.
Precision agree_on_precision(const RunConfig& config, const TransformerModel& model,
                             ProcessGroup& group) {
  const Precision own = choose_precision(config.training.precision, config.model, model.device());
  double choice = static_cast<double>(own);
  group.broadcast(std::span(&choice, 1));
  return static_cast<Precision>(static_cast<int>(choice));
}

}  // namespace

AdamOptions adam_options(const OptimizerConfig& optimizer) {
  AdamOptions options = optimizer.adam;
  options.decoupled_weight_decay = optimizer.kind == OptimizerKind::kAdamW;
  return options;
}

Updater::Updater(const RunConfig& config, const EncodedCorpus& corpus,
                 std::shared_ptr<const AlignmentGuide> guide, const TransformerModel& model,
                 Adam& optimizer, WorkerPool& pool, ProcessGroup& group, std::int64_t epoch,
                 std::int64_t batch_in_epoch)
    : config_(config),
      optimizer_(optimizer),
      group_(group),
      own_shards_(pool.size()),
      precision_(agree_on_precision(config, model, group)),
      replicas_(model, pool, precision_,
                {config.optimizer.label_smoothing, config.alignment.weight},
                static_cast<std::uint64_t>(config.training.seed)),
      feed_(corpus, std::move(guide), feed_options(model.device(), epoch, batch_in_epoch)) {
  check_replicas(group, pool.size());
}

BatchFeedOptions Updater::feed_options(at::Device device, std::int64_t epoch,
                                       std::int64_t batch_in_epoch) const {
  BatchFeedOptions options;
  options.batches.max_tokens = static_cast<std::size_t>(config_.training.max_tokens);
  options.batches.seed = static_cast<std::uint64_t>(config_.training.seed);
  options.epoch = epoch;
  options.batch_in_epoch = batch_in_epoch;
  options.shards = group_.size() * own_shards_;
  options.first_shard = group_.rank() * own_shards_;
  options.own_shards = own_shards_;
  // A GPU is faster with all at once, and has the memory.
  if (!device.is_cpu()) options.part_tokens = options.batches.max_tokens;
  const PassProducts products(config_.model);
  options.tgt_cost = products.tgt_token / products.src_token;
  return options;
}

UpdateResult Updater::run(std::int64_t update) {
  UpdateResult result;
  for (std::int64_t part = 0; part < config_.training.accumulation; ++part) {
    const PreparedBatch batch = feed_.next();
    const at::Tensor loss = replicas_.accumulate(batch, update, part, group_.rank() * own_shards_);
    result.loss = result.loss.defined() ? result.loss + loss : loss;
    result.tgt_tokens += batch.tgt_tokens;
    result.epoch = batch.epoch;
    result.batch_in_epoch = batch.batch_in_epoch;
  }
  group_.all_reduce(replicas_.reduce());
  const double mean = 1.0 / static_cast<double>(result.tgt_tokens);
  result.gradient_norm = replicas_.gradient_norm() * mean;
  at::Tensor scale = at::full_like(result.gradient_norm, mean);
  const double limit = config_.optimizer.clip_norm;
  if (limit > 0) scale = scale * (limit / result.gradient_norm).clamp_max(1.0);
  result.learning_rate = learning_rate(config_.optimizer.schedule, update);
  replicas_.update_parameters(optimizer_, scale, result.learning_rate, update);
  return result;
}

}  // namespace heed
