#include "app/translate/batch_translator.h"

#include <utility>

#include "app/batch_run.h"
#include "data/batcher.h"

namespace heed {
namespace {

/// Batches of the sources that are not empty.
std::vector<Batch> plan(std::span<const std::vector<TokenId>> sources, std::size_t max_tokens) {
  std::vector<PairLength> lengths;
  Batch with_text;
  for (const auto& source : sources) {
    if (!source.empty()) with_text.push_back(static_cast<std::uint32_t>(lengths.size()));
    lengths.push_back({static_cast<std::uint32_t>(source.size()), 0});
  }
  return sorted_batches(std::move(with_text), lengths, max_tokens, /*max_sentences=*/0);
}

/// Those of a batch; of none, none.
template <typename Value>
std::vector<Value> take(const std::vector<Value>& values, const Batch& batch) {
  std::vector<Value> taken;
  if (values.empty()) return taken;
  for (const std::uint32_t index : batch) taken.push_back(values[index]);
  return taken;
}

/// One empty hypothesis stands where nothing was found.
void put(std::vector<std::vector<Hypothesis>> found, const Batch& batch, const SearchJob& job,
         std::vector<std::vector<Hypothesis>>& results) {
  for (std::size_t i = 0; i < batch.size(); ++i)
    if (!found[i].empty())
      results[batch[i]] = std::move(found[i]);
    else if (job.on_not_found)
      job.on_not_found(batch[i]);
}

}  // namespace

BatchTranslator::BatchTranslator(const ScorerSource& scorers, WorkerPool& pool,
                                 std::size_t max_tokens)
    : pool_(pool), max_tokens_(max_tokens) {
  for (std::size_t worker = 0; worker < pool.size(); ++worker) scorers_.push_back(scorers());
}

void BatchTranslator::for_each_batch_of(
    const SearchJob& job,
    const std::function<void(const Batch& batch, NextTokenScorer& scorer)>& body,
    const std::function<void(std::size_t)>& on_progress) const {
  for_each_batch(
      plan(job.sources, max_tokens_), pool_,
      [&](const Batch& batch, std::size_t worker) { body(batch, *scorers_[worker]); }, on_progress,
      job.on_too_large);
}

std::vector<std::vector<Hypothesis>> BatchTranslator::translate(
    const SearchJob& job, const SearchOptions& options,
    const std::function<void(std::size_t)>& on_progress, std::vector<SearchTrace>* traces) const {
  std::vector<std::vector<Hypothesis>> results(job.sources.size(), {Hypothesis{}});
  if (traces != nullptr) traces->assign(job.sources.size(), {});
  const auto search = [&](const Batch& batch, NextTokenScorer& scorer) {
    std::vector<SearchTrace> batch_traces;
    put(beam_search(scorer, take(job.sources, batch), options,
                    traces == nullptr ? nullptr : &batch_traces, take(job.prefixes, batch)),
        batch, job, results);
    for (std::size_t i = 0; i < batch_traces.size(); ++i)
      (*traces)[batch[i]] = std::move(batch_traces[i]);
  };
  for_each_batch_of(job, search, on_progress);
  return results;
}

std::vector<std::vector<Hypothesis>> BatchTranslator::sample(
    const SearchJob& job, const SamplingOptions& options,
    const std::function<void(std::size_t)>& on_progress) const {
  std::vector<std::vector<Hypothesis>> results(job.sources.size(), {Hypothesis{}});
  const auto draw = [&](const Batch& batch, NextTokenScorer& scorer) {
    put(heed::sample(scorer, take(job.sources, batch), options, take(job.seeds, batch),
                     take(job.prefixes, batch)),
        batch, job, results);
  };
  for_each_batch_of(job, draw, on_progress);
  return results;
}

}  // namespace heed
