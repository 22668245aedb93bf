#include "app/train/batch_feed.h"

#include <algorithm>
#include <utility>

namespace heed {
namespace {

constexpr std::size_t kAhead = 4;  // batches kept ready

/// Target tokens of a batch, eos counted.
std::size_t count_tgt_tokens(const EncodedCorpus& corpus, const Batch& batch) {
  std::size_t tokens = 0;
  for (const std::uint32_t index : batch) tokens += corpus.tgt(index).size() + 1;
  return tokens;
}

}  // namespace

BatchFeed::BatchFeed(EncodedCorpus corpus, std::shared_ptr<const AlignmentGuide> guide,
                     const BatchFeedOptions& options)
    : corpus_(std::move(corpus)),
      guide_(std::move(guide)),
      options_(options),
      part_tokens_(options.part_tokens),
      thread_([this] { work(); }) {}

BatchFeed::~BatchFeed() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

PreparedBatch BatchFeed::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !ready_.empty() || failure_ != nullptr; });
  if (ready_.empty()) std::rethrow_exception(failure_);
  Item item = std::move(ready_.front());
  ready_.pop_front();
  lock.unlock();
  changed_.notify_all();
  batches_in_epoch_ = item.batches_in_epoch;
  if (item.batch.part_tokens > part_tokens_) cut_to(item.batch, part_tokens_);
  return std::move(item.batch);
}

bool BatchFeed::put(Item item) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopping_ || ready_.size() < kAhead; });
  if (stopping_) return false;
  ready_.push_back(std::move(item));
  lock.unlock();
  changed_.notify_all();
  return true;
}

void BatchFeed::work() {
  try {
    auto first = static_cast<std::size_t>(options_.batch_in_epoch);
    for (std::int64_t epoch = options_.epoch;; ++epoch, first = 0) {
      const std::vector<Batch> plan =
          plan_batches(corpus_.lengths(), options_.batches, static_cast<std::uint64_t>(epoch));
      for (std::size_t i = first; i < plan.size(); ++i) {
        PreparedBatch batch = prepare(plan[i], static_cast<std::uint64_t>(epoch));
        const bool is_last = i + 1 == plan.size();
        batch.epoch = is_last ? epoch + 1 : epoch;
        batch.batch_in_epoch = is_last ? 0 : static_cast<std::int64_t>(i) + 1;
        if (!put({std::move(batch), static_cast<std::int64_t>(plan.size())})) return;
      }
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
    changed_.notify_all();
  }
}

PreparedBatch BatchFeed::prepare(const Batch& batch, std::uint64_t epoch) const {
  PreparedBatch prepared;
  prepared.pairs = batch;
  if (options_.sampler)
    sample(prepared, epoch);
  else
    prepared.tgt_tokens = static_cast<std::int64_t>(count_tgt_tokens(corpus_, batch));
  cut_to(prepared, part_tokens_);
  return prepared;
}

void BatchFeed::sample(PreparedBatch& batch, std::uint64_t epoch) const {
  for (const std::uint32_t index : batch.pairs) {
    std::vector<SampledPair>& passes = batch.samples[index];
    for (std::int64_t pass = 0; pass < options_.passes; ++pass)
      passes.push_back(
          options_.sampler->sample(corpus_, index, epoch, static_cast<std::uint64_t>(pass)));
    batch.tgt_tokens += static_cast<std::int64_t>(passes.front().tgt.size()) + 1;
  }
}

void BatchFeed::deal_out(PreparedBatch& batch) const {
  const std::vector<Batch> shards =
      split_batch(batch.pairs, corpus_.lengths(), options_.shards, options_.tgt_cost);
  batch.shards.clear();
  for (std::size_t s = 0; s < options_.own_shards; ++s) {
    const Batch& shard = shards[options_.first_shard + s];
    const std::size_t tokens =
        count_tgt_tokens(corpus_, shard) * static_cast<std::size_t>(options_.passes);
    const std::size_t parts = (tokens + batch.part_tokens - 1) / batch.part_tokens;
    std::vector<PackedPairs>& own = batch.shards.emplace_back();
    for (const Batch& part :
         split_batch(shard, corpus_.lengths(), std::max<std::size_t>(1, parts), options_.tgt_cost))
      if (!part.empty()) own.push_back(pack(batch, part));
  }
}

bool BatchFeed::cut_smaller(PreparedBatch& batch) {
  const auto is_single = [](const PackedPairs& part) { return part.src.packing.batch() == 1; };
  const bool is_cut_up = std::all_of(
      batch.shards.begin(), batch.shards.end(),
      [&](const auto& parts) { return std::all_of(parts.begin(), parts.end(), is_single); });
  if (is_cut_up) return false;
  part_tokens_ =
      std::max<std::size_t>(1, std::min<std::size_t>(part_tokens_, batch.part_tokens / 2));
  cut_to(batch, part_tokens_);
  return true;
}

void BatchFeed::cut_to(PreparedBatch& batch, std::size_t part_tokens) const {
  batch.part_tokens = part_tokens;
  deal_out(batch);
}

PackedPairs BatchFeed::pack(const PreparedBatch& batch, const Batch& part) const {
  std::vector<std::span<const TokenId>> src;
  std::vector<std::span<const TokenId>> tgt_in;
  std::vector<std::span<const TokenId>> tgt;
  std::vector<Direction> directions;
  std::vector<GuidedPair> guided;
  const auto add = [&](std::uint32_t index, const SampledPair* sampled) {
    src.push_back(sampled ? std::span<const TokenId>(sampled->src) : corpus_.src(index));
    tgt_in.push_back(sampled ? std::span<const TokenId>(sampled->tgt_in) : corpus_.tgt(index));
    directions.push_back(corpus_.direction(index));
    if (guide_ == nullptr) return;
    guided.push_back({index, src.back().size(), tgt_in.back().size(),
                      sampled ? &sampled->src_overlaps : nullptr,
                      sampled ? &sampled->tgt_overlaps : nullptr});
  };
  for (std::int64_t pass = 0; pass < options_.passes; ++pass)
    for (const std::uint32_t index : part)
      add(index,
          options_.sampler ? &batch.samples.at(index)[static_cast<std::size_t>(pass)] : nullptr);
  for (const std::uint32_t index : part)
    tgt.push_back(options_.sampler ? std::span<const TokenId>(batch.samples.at(index).front().tgt)
                                   : corpus_.tgt(index));
  PackedPairs pairs = pack_passes(src, tgt_in, tgt, directions);
  if (guide_) pairs.alignment = guide_->targets(corpus_, guided);
  return pairs;
}

}  // namespace heed
