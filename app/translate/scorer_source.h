#pragma once

#include <functional>
#include <memory>

#include "data/direction.h"
#include "model/inference/inference_model.h"
#include "model/scorer.h"
#include "model/transformer_model.h"

namespace heed {

/// Makes scorers of one model, which share its weights: each worker takes one.
using ScorerSource = std::function<std::unique_ptr<NextTokenScorer>()>;

/// On a CPU the weights are packed in `precision`, on a GPU the model itself works. `model` must
/// outlive both the source and what it makes.
ScorerSource make_scorer_source(const TransformerModel& model, Direction direction,
                                WeightPrecision precision);

}  // namespace heed
