#pragma once

#include <functional>
#include <memory>

#include "app/model_folder.h"
#include "model/inference/inference_model.h"
#include "model/scorer.h"

namespace heed {

/// Makes scorers of one model, which share its weights: each worker takes one.
using ScorerSource = std::function<std::unique_ptr<NextTokenScorer>()>;

/// Of the weights that a model folder holds, packed in `precision`.
ScorerSource make_scorer_source(const ModelFolder& model, WeightPrecision precision);

}  // namespace heed
