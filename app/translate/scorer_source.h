#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "app/model_folder.h"
#include "model/inference/inference_model.h"
#include "model/scorer.h"

namespace heed {

/// Makes scorers of one model, which share its weights: each worker takes one.
using ScorerSource = std::function<std::unique_ptr<NextTokenScorer>()>;

/// Of the weights that a model folder holds, packed in `precision`.
ScorerSource make_scorer_source(const ModelFolder& model, WeightPrecision precision);

/// The mean of the probabilities of several (EnsembleScorer); of one, that one.
ScorerSource make_ensemble_source(std::vector<ScorerSource> members);

/// Throws UsageError where the tokenizers of `model` have other pieces than those of `first`.
void check_same_pieces(const ModelFolder& model, const ModelFolder& first);

}  // namespace heed
