#include "app/train/updater.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <stdexcept>

#include "app/errors.h"
#include "app/torch_memory.h"
#include "app/train/precision.h"
#include "model/aten_ops.h"
#include "model/flops.h"

namespace heed {
namespace {

PairSamplerOptions sampler_options(const RunConfig& config) {
  PairSamplerOptions options;
  options.subwords = config.regularization.subwords;
  options.src_word_dropout = config.regularization.src_word_dropout;
  options.tgt_word_dropout = config.regularization.tgt_word_dropout;
  options.max_length = static_cast<std::size_t>(config.data.max_length);
  options.seed = static_cast<std::uint64_t>(config.training.seed);
  options.with_overlaps = !config.alignment.guide.empty();
  return options;
}

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

bool is_finite(const at::Tensor& loss) {
  const at::Tensor values = loss.to(at::kCPU);
  const double* parts = values.const_data_ptr<double>();
  return std::all_of(parts, parts + kLossParts, [](double part) { return std::isfinite(part); });
}

}  // namespace

Precision agree_on_precision(Precision wanted, const TransformerModel& model,
                             const TransformerConfig& config, ProcessGroup& group) {
  const Precision own = choose_precision(wanted, config, model.device());
  double choice = static_cast<double>(own);
  group.broadcast(std::span(&choice, 1));
  return static_cast<Precision>(static_cast<int>(choice));
}

OptimizerOptions optimizer_options(const OptimizerConfig& optimizer) {
  OptimizerOptions options = optimizer.update;
  options.adam.average_decay = optimizer.ema_decay;
  return options;
}

Updater::Updater(const RunConfig& config, const EncodedCorpus& corpus,
                 std::shared_ptr<const AlignmentGuide> guide, const Tokenizers& tokenizers,
                 const TransformerModel& model, Optimizer& optimizer, WorkerPool& pool,
                 ProcessGroup& group, const UpdaterStart& start)
    : config_(config),
      optimizer_(optimizer),
      group_(group),
      own_shards_(pool.size()),
      replicas_(model, pool, start.precision,
                {config.optimizer.label_smoothing, config.regularization.consistency,
                 config.alignment.weight},
                static_cast<std::uint64_t>(config.training.seed)),
      feed_(corpus, std::move(guide), feed_options(tokenizers, model.device(), start)) {
  check_replicas(group, pool.size());
}

BatchFeedOptions Updater::feed_options(const Tokenizers& tokenizers, at::Device device,
                                       const UpdaterStart& start) const {
  BatchFeedOptions options;
  options.batches.max_tokens = static_cast<std::size_t>(config_.training.max_tokens);
  options.batches.seed = static_cast<std::uint64_t>(config_.training.seed);
  options.epoch = start.epoch;
  options.batch_in_epoch = start.batch_in_epoch;
  options.shards = group_.size() * own_shards_;
  options.first_shard = group_.rank() * own_shards_;
  options.own_shards = own_shards_;
  // A GPU is faster with all at once, and has the memory.
  if (!device.is_cpu()) options.part_tokens = options.batches.max_tokens;
  if (start.part_tokens > 0) options.part_tokens = static_cast<std::size_t>(start.part_tokens);
  const PassProducts products(config_.model);
  if (config_.regularization.consistency > 0) options.passes = 2;
  const PairSamplerOptions sampling = sampler_options(config_);
  if (sampling.is_random())
    options.sampler = std::make_shared<const PairSampler>(tokenizers, sampling);
  options.tgt_cost = products.tgt_token / products.src_token;
  return options;
}

UpdateResult Updater::run(std::int64_t update, double learning_rate) {
  std::vector<PreparedBatch> batches;
  UpdateResult result;
  for (std::int64_t part = 0; part < config_.training.accumulation; ++part) {
    batches.push_back(feed_.next());
    result.tgt_tokens += batches.back().tgt_tokens;
  }
  result.epoch = batches.back().epoch;
  result.batch_in_epoch = batches.back().batch_in_epoch;
  result.learning_rate = learning_rate;
  result.loss = accumulate(batches, update);
  step(result, update);
  return result;
}

at::Tensor Updater::accumulate(std::vector<PreparedBatch>& batches, std::int64_t update) {
  while (true) {
    try {
      return with_bad_alloc([&] { return try_to_accumulate(batches, update); });
    } catch (const std::bad_alloc&) {
      cut_smaller(batches, update);
    }
  }
}

at::Tensor Updater::try_to_accumulate(const std::vector<PreparedBatch>& batches,
                                      std::int64_t update) {
  at::Tensor total;
  for (std::size_t part = 0; part < batches.size(); ++part) {
    const at::Tensor loss = replicas_.accumulate(
        batches[part], update, static_cast<std::int64_t>(part), group_.rank() * own_shards_);
    total = total.defined() ? total + loss : loss;
  }
  return total;
}

void Updater::cut_smaller(std::vector<PreparedBatch>& batches, std::int64_t update) {
  replicas_.drop_gradients();
  bool is_smaller = false;
  for (PreparedBatch& batch : batches) is_smaller |= feed_.cut_smaller(batch);
  if (!is_smaller)
    throw std::runtime_error(fmt::format(
        "update {}: there is no memory left for a single sentence pair; leave long ones "
        "out by a smaller data.max_length, or train a smaller model",
        update));
  spdlog::warn("update {}: out of memory; going on in parts of at most {} target tokens", update,
               feed_.part_tokens());
}

void Updater::step(UpdateResult& result, std::int64_t update) {
  // Reaches every process by its gradient.
  const at::Tensor& grads = replicas_.reduce();
  if (!is_finite(result.loss)) grads.select(0, 0).fill_(std::numeric_limits<float>::quiet_NaN());
  group_.all_reduce(grads);
  const double mean = 1.0 / static_cast<double>(result.tgt_tokens);
  const at::Tensor norm = replicas_.gradient_norm() * mean;
  result.gradient_norm = norm.item<double>();
  result.is_finite = std::isfinite(result.gradient_norm);
  if (!result.is_finite) return replicas_.drop_gradients();
  const double limit = config_.optimizer.clip_norm;
  double scale = mean;
  if (limit > 0 && result.gradient_norm > limit) scale *= limit / result.gradient_norm;
  replicas_.update_parameters(optimizer_, scale, result.learning_rate, update);
}

}  // namespace heed
