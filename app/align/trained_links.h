#pragma once

#include "app/align/unit_merge.h"
#include "model/alignment_head.h"
#include "model/word_alignment/hmm_aligner.h"

namespace heed {

/// What the alignment head says of the units of sentence `row`: `probabilities` are the head's
/// scores after exp(), float on the CPU; the maps are of the pieces without bos and eos. Sums over
/// the pieces of the unit linked to, means over those of the unit that is linked, as
/// `merge_to_units` does.
LinkPosteriors unit_posteriors(const AlignmentScores& probabilities, std::int64_t row,
                               const UnitMap& src, const UnitMap& tgt);

}  // namespace heed
