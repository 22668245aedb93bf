#include "app/translate/scorer_source.h"

#include "model/inference/inference_scorer.h"
#include "model/inference/model_file.h"

namespace heed {

ScorerSource make_scorer_source(const ModelFolder& model, WeightPrecision precision) {
  const auto packed = load_inference_model(model.weights(), model.config.model, precision);
  const TokenId end = source_end(model.direction);
  return [packed, end] { return make_inference_scorer(packed, end); };
}

}  // namespace heed
