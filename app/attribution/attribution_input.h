#pragma once

#include <functional>
#include <span>
#include <vector>

#include "app/align/aligner.h"
#include "app/align/unit_merge.h"
#include "app/worker_pool.h"
#include "data/batcher.h"
#include "data/direction.h"
#include "data/special_tokens.h"

namespace heed {

/// One sentence pair as the model reads it, and the units that its pieces belong to.
struct AttributionInput {
  std::vector<TokenId> src;  // without eos
  std::vector<TokenId> tgt;  // without eos
  UnitMap src_units;         // of each source piece, then of eos, which belongs to none
  UnitMap tgt_units;         // of each target piece, then of eos, a unit of its own: the last
  Direction direction = Direction::kForward;  // the same for all inputs of a call

  PairLength length() const {
    return {static_cast<std::uint32_t>(src.size()), static_cast<std::uint32_t>(tgt.size())};
  }
};

AttributionInput make_attribution_input(const AlignmentInput& input, Direction direction);

/// Scores between pieces, [rows, columns] row by row, as scores between units: sums over the pieces
/// of a unit, on both sides, since log-probabilities add up. A piece that belongs to several units
/// gives each an equal share; a unit without pieces gets zeros.
std::vector<float> sum_to_units(std::span<const float> piece_scores, const UnitMap& rows,
                                const UnitMap& columns);

/// Gets how many steps of so many are done, one call at a time.
using StepReport = std::function<void(std::size_t done, std::size_t steps)>;

/// Calls `body` for each batch of pairs of like `lengths`, spread over the pool; a pair is a step.
void run_batches(std::span<const PairLength> lengths, std::size_t max_tokens, WorkerPool& pool,
                 const StepReport& report, const std::function<void(const Batch&)>& body);

}  // namespace heed
