#include "app/train/replicas.h"

#include <algorithm>

#include "data/batcher.h"
#include "model/aten_ops.h"
#include "model/id_batch.h"
#include "model/loss.h"

namespace heed {

BatchLoss& BatchLoss::operator+=(const BatchLoss& other) {
  loss += other.loss;
  tgt_tokens += other.tgt_tokens;
  return *this;
}

ForwardLoss forward_loss(const Transformer& transformer, const EncodedCorpus& corpus,
                         std::span<const std::uint32_t> batch, double label_smoothing,
                         const ForwardContext& context, at::Device device) {
  std::vector<std::span<const TokenId>> src_rows;
  std::vector<std::span<const TokenId>> tgt_rows;
  std::int64_t tgt_tokens = 0;
  for (const std::uint32_t index : batch) {
    src_rows.push_back(corpus.src(index));
    tgt_rows.push_back(corpus.tgt(index));
    tgt_tokens += static_cast<std::int64_t>(tgt_rows.back().size()) + 1;
  }
  const IdMatrix src = pad_ids(src_rows, /*before=*/-1, kEosId, kPadId);
  const IdMatrix tgt_in = pad_ids(tgt_rows, kBosId, /*after=*/-1, kPadId);
  const IdMatrix tgt_out = pad_ids(tgt_rows, /*before=*/-1, kEosId, kPadId);
  const Memory memory = transformer.encode(src.ids.to(device), src.is_token.to(device), context);
  const at::Tensor hidden = transformer.decode(tgt_in.ids.to(device), memory, context);
  const at::Tensor logits = transformer.project(hidden).flatten(0, 1);
  return {label_smoothed_cross_entropy(logits, tgt_out.ids.flatten().to(device), kPadId,
                                       label_smoothing),
          tgt_tokens};
}

Replicas::Replicas(const TransformerModel& model, const EncodedCorpus& corpus, WorkerPool& pool,
                   double label_smoothing, std::uint64_t seed)
    : model_(model), corpus_(corpus), pool_(pool), label_smoothing_(label_smoothing), seed_(seed) {
  for (std::size_t replica = 0; replica < pool.size(); ++replica) {
    grads_.push_back(model.layout().make_buffer(model.device()));
    replicas_.push_back(model.make_replica(grads_.back()));
  }
}

void Replicas::begin_update() {
  for (at::Tensor& grads : grads_) grads.zero_();
}

BatchLoss Replicas::accumulate(std::span<const std::uint32_t> batch, std::int64_t update,
                               std::int64_t part) {
  const std::vector<Batch> shards = split_batch(batch, corpus_.lengths(), replicas_.size());
  std::vector<BatchLoss> losses(shards.size());
  pool_.run(shards.size(), [&](std::size_t shard, std::size_t) {
    const auto stream = static_cast<std::uint64_t>(part) * replicas_.size() + shard;
    losses[shard] = run_shard(shard, shards[shard], static_cast<std::uint64_t>(update), stream);
  });
  BatchLoss total;
  for (const BatchLoss& loss : losses) total += loss;
  return total;
}

BatchLoss Replicas::run_shard(std::size_t replica, std::span<const std::uint32_t> shard,
                              std::uint64_t update, std::uint64_t stream) {
  if (shard.empty()) return {};
  DropoutStream dropout(seed_, update, stream);
  const ForwardContext context{&dropout, nullptr};
  const ForwardLoss forward =
      forward_loss(*replicas_[replica], corpus_, shard, label_smoothing_, context, model_.device());
  forward.loss.backward();
  return {forward.loss.item<double>(), forward.tgt_tokens};
}

const at::Tensor& Replicas::reduce() {
  for (std::size_t replica = 1; replica < grads_.size(); ++replica) grads_[0].add_(grads_[replica]);
  return grads_[0];
}

}  // namespace heed
