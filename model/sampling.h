#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/hypothesis.h"
#include "model/scorer.h"
#include "model/search_limits.h"
#include "model/token_distribution.h"

namespace heed {

struct SamplingOptions : SearchLimits {
  std::int64_t num_samples = 1;  // of each source
  DrawOptions draw;
  double length_penalty = 1.0;  // alpha of length_penalty(), for the scores
};

/// Draws outputs token by token. Which tokens may follow is decided in this order: those that are
/// forbidden, would repeat an n-gram, or are an early eos are left out; then temperature, top-k and
/// top-p as DrawOptions has them. At the maximum length, and within a prefix, nothing is drawn: the
/// one token that may follow does.
///
/// `seeds` has one for each source. A draw is a function of the seed, the number of the sample and
/// the place of the token alone, so that neither the batch nor the number of samples changes what
/// is drawn from the same scores. `prefixes`, unless there are none, are what each source's samples
/// begin with.
///
/// Returns for each source its samples in the order of their numbers, the same output perhaps
/// several times. log_prob is the model's own, whatever temperature and filters were. A sample that
/// nothing can follow, or whose prefix is impossible, is left out.
///
/// Samples of a source that go on share a step of the scorer, its first step is one for all of
/// them, and those that ended leave it; but each source takes as many rows as the one with the most
/// samples left.
///
/// Throws std::invalid_argument when an option is out of its range, or seeds or prefixes are not as
/// many as the sources.
std::vector<std::vector<Hypothesis>> sample(
    NextTokenScorer& scorer, std::span<const std::vector<std::int32_t>> sources,
    const SamplingOptions& options, std::span<const std::uint64_t> seeds,
    std::span<const std::vector<std::int32_t>> prefixes = {});

}  // namespace heed
