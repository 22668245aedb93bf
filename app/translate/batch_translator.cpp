#include "app/translate/batch_translator.h"

#include "app/batch_run.h"
#include "data/batcher.h"

namespace heed {
namespace {

/// Batches of the sources that are not empty.
std::vector<Batch> plan(std::span<const std::vector<TokenId>> sources, std::size_t max_tokens) {
  std::vector<PairLength> lengths;
  std::vector<std::uint32_t> places;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (sources[i].empty()) continue;
    lengths.push_back({static_cast<std::uint32_t>(sources[i].size()), 0});
    places.push_back(static_cast<std::uint32_t>(i));
  }
  std::vector<Batch> batches = sorted_batches(lengths, max_tokens, /*max_sentences=*/0);
  for (Batch& batch : batches)
    for (std::uint32_t& index : batch) index = places[index];
  return batches;
}

/// Those of a batch; of none, none.
std::vector<std::vector<TokenId>> take(std::span<const std::vector<TokenId>> sentences,
                                       const Batch& batch) {
  std::vector<std::vector<TokenId>> taken;
  if (sentences.empty()) return taken;
  for (const std::uint32_t index : batch) taken.push_back(sentences[index]);
  return taken;
}

}  // namespace

BatchTranslator::BatchTranslator(const ScorerSource& scorers, WorkerPool& pool,
                                 std::size_t max_tokens)
    : pool_(pool), max_tokens_(max_tokens) {
  for (std::size_t worker = 0; worker < pool.size(); ++worker) scorers_.push_back(scorers());
}

std::vector<std::vector<Hypothesis>> BatchTranslator::translate(
    const SearchJob& job, const SearchOptions& options,
    const std::function<void(std::size_t)>& on_progress, std::vector<SearchTrace>* traces) const {
  std::vector<std::vector<Hypothesis>> results(job.sources.size(), {Hypothesis{}});
  if (traces != nullptr) traces->assign(job.sources.size(), {});
  const auto search = [&](const Batch& batch, std::size_t worker) {
    std::vector<SearchTrace> batch_traces;
    auto hypotheses =
        beam_search(*scorers_[worker], take(job.sources, batch), options,
                    traces == nullptr ? nullptr : &batch_traces, take(job.prefixes, batch));
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (!hypotheses[i].empty()) results[batch[i]] = std::move(hypotheses[i]);
      if (traces != nullptr) (*traces)[batch[i]] = std::move(batch_traces[i]);
    }
  };
  for_each_batch(plan(job.sources, max_tokens_), pool_, search, on_progress);
  return results;
}

}  // namespace heed
