#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "app/align/attention_matrices.h"
#include "model/word_alignment/hmm_aligner.h"

namespace heed {

/// The readings that a choice is made between, resolved: at either step of the decoder, all heads
/// of all layers, all heads of a layer, a single head.
std::vector<AttentionReading> candidate_readings(const TransformerConfig& config);

/// What each reading links the target units of a sentence with: the source unit that they look at
/// most, the end of the sentence aside; -1 where there is none. [reading][target unit]
using StrongestUnits = std::vector<std::vector<int>>;

/// By the `candidate_readings` of a model whose cross-attention, [batch, heads, tgt, src] of each
/// layer, is `cross`. The maps have the end of the sentence as their last piece and unit.
StrongestUnits strongest_units(const std::vector<at::Tensor>& cross, std::int64_t row,
                               const UnitMap& tgt, const UnitMap& src);

/// The readings of both directions of a model whose links agree best, and their agreement: F1 of
/// the links of one direction against those of the other, over all pairs.
struct AttentionChoice {
  std::size_t forward = 0;  // indices of candidate readings
  std::size_t reverse = 0;
  double agreement = 0.0;
};

/// Chooses without gold, as layers are by Chen et al. (2020): two directions that were wrong would
/// be wrong in different ways. Of equal ones the first. `forward[i]` and `reverse[i]` are of the
/// same pair; each has one list a candidate reading.
AttentionChoice choose_by_agreement(std::span<const StrongestUnits> forward,
                                    std::span<const StrongestUnits> reverse);

/// The same for a model of one direction that has an alignment head: the reading whose links agree
/// best with what the head links each target word with, `head[i]` being of the pair of
/// `forward[i]`.
AttentionChoice choose_by_head(std::span<const StrongestUnits> forward,
                               std::span<const LinkPosteriors> head);

}  // namespace heed
