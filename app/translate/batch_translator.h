#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "app/translate/scorer_source.h"
#include "app/worker_pool.h"
#include "data/batcher.h"
#include "data/special_tokens.h"
#include "model/beam_search.h"
#include "model/sampling.h"

namespace heed {

/// What is searched for together.
struct SearchJob {
  std::vector<std::vector<TokenId>> sources;
  std::vector<std::vector<TokenId>> prefixes =
      {};                                 // what each one's hypotheses begin with, or none
  std::vector<std::uint64_t> seeds = {};  // of each one's samples
  /// Gets, one call at a time, the index of a source for which there is no memory even by itself;
  /// its hypothesis is empty. Null: std::bad_alloc is passed on.
  std::function<void(std::uint32_t)> on_too_large = {};
  /// Gets, from any thread, the index of a source that the search found nothing for; its hypothesis
  /// is empty.
  std::function<void(std::uint32_t)> on_not_found = {};
};

/// Search over many sentences at once: batches sorted by length, one worker a core, the order of
/// the input restored. A batch for which there is no memory is searched in halves.
class BatchTranslator {
 public:
  /// `pool` must outlive the translator. `max_tokens` is a batch's number of sentences times its
  /// longest source.
  BatchTranslator(const ScorerSource& scorers, WorkerPool& pool, std::size_t max_tokens);

  /// The n-best hypotheses of each source (token ids without eos; an empty source gives an empty
  /// hypothesis). `on_progress` is called with the number of sentences done, from any thread, one
  /// call at a time. With `traces` these become what was done for each source; that of an empty
  /// source is empty.
  std::vector<std::vector<Hypothesis>> translate(
      const SearchJob& job, const SearchOptions& options,
      const std::function<void(std::size_t)>& on_progress = {},
      std::vector<SearchTrace>* traces = nullptr) const;

  /// Samples of each source, else as `translate`.
  std::vector<std::vector<Hypothesis>> sample(
      const SearchJob& job, const SamplingOptions& options,
      const std::function<void(std::size_t)>& on_progress = {}) const;

 private:
  /// Calls `body` with batches of the sources that are not empty.
  void for_each_batch_of(
      const SearchJob& job,
      const std::function<void(const Batch& batch, NextTokenScorer& scorer)>& body,
      const std::function<void(std::size_t)>& on_progress) const;

  WorkerPool& pool_;
  std::size_t max_tokens_;
  std::vector<std::unique_ptr<NextTokenScorer>> scorers_;  // one a worker
};

}  // namespace heed
