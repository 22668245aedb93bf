#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/hypothesis.h"
#include "model/scorer.h"
#include "model/search_limits.h"

namespace heed {

/// When the search of a sentence ends, and what becomes of hypotheses at the maximum length.
enum class Stopping {
  /// As soon as nothing that goes on could still be better than the worst that would be returned,
  /// or when `beam_size` are finished. At the maximum length a hypothesis can only end in eos.
  kBound,
  /// CTranslate2's rule (BeamSearch::search in its src/decoding.cc, patience 1). With both
  /// penalties 0: as soon as `n_best` are finished and the first-ranked expansion of some step was
  /// one of them; else when `beam_size` are finished. The `beam_size` first-ranked expansions that
  /// reach the maximum length end there as they are, their scores without eos.
  kCTranslate2,
};

struct SearchOptions : SearchLimits {
  std::int64_t beam_size = 5;   // 1 is greedy search
  std::int64_t n_best = 1;      // hypotheses returned a sentence, at most beam_size
  bool with_surplus = false;    // also the hypotheses that the last step finished beyond n_best
  double length_penalty = 1.0;  // alpha of length_penalty()
  /// beta: of what is finished, beta * coverage_penalty() is added to the score, coverage being the
  /// sum of NextTokenScorer::attention over the steps (eos's is one; every position of the source
  /// counts, its closing one too). It decides between finished hypotheses, not what goes on. With 0
  /// no attention is asked for. (CTranslate2 leaves out eos's step, and positions without any.)
  double coverage_penalty = 0.0;
  Stopping stopping = Stopping::kBound;
  bool with_scores =
      true;  // false, for greedy search only: log_prob and score stay 0, it is faster
};

/// An expansion of a hypothesis by a token that one step of a search weighed.
struct SearchCandidate {
  enum class Fate {
    kDropped,
    kKept,      // goes on
    kFinished,  // ends here, by eos
  };

  std::int32_t token = 0;
  std::int32_t origin = 0;  // which of the hypotheses kept by the step before it extends, from 0
  double token_log_prob = 0.0;  // of the token after that hypothesis
  double log_prob = 0.0;        // of the hypothesis with it
  Fate fate = Fate::kDropped;
  std::int32_t place = -1;  // of kKept: among the hypotheses that go on, from 0
};

/// What the search of one sentence did: for each step the `2 * beam_size` first-ranked candidates
/// (fewer where there are no more), in their order.
using SearchTrace = std::vector<std::vector<SearchCandidate>>;

/// Beam search. At each step every hypothesis of a sentence is expanded by every token; of the
/// `beam_size` best expansions those that end in eos are finished, and the best `beam_size` that
/// don't go on. `Stopping` says when a sentence is done. Equal scores are ranked by the lower beam,
/// then by the lower token id.
///
/// `prefixes`, unless there are none, are what each source's hypotheses begin with; those may make
/// them longer than the maximum length.
///
/// Returns for each source its `n_best` hypotheses, best score first; fewer only where fewer than
/// `n_best` sequences exist at all. With `traces` these become what was done for each source; the
/// result is the same.
///
/// Throws std::invalid_argument where options contradict each other, and where there is a coverage
/// penalty but the scorer gives no attention.
std::vector<std::vector<Hypothesis>> beam_search(
    NextTokenScorer& scorer, std::span<const std::vector<std::int32_t>> sources,
    const SearchOptions& options, std::vector<SearchTrace>* traces = nullptr,
    std::span<const std::vector<std::int32_t>> prefixes = {});

}  // namespace heed
