#pragma once

#include "app/translate/scorer_source.h"
#include "model/transformer_model.h"

namespace heed {

/// On a CPU the weights are packed in `precision`, on a GPU the model itself works. `model` must
/// outlive both the source and what it makes.
ScorerSource make_scorer_source(const TransformerModel& model, Direction direction,
                                WeightPrecision precision);

}  // namespace heed
