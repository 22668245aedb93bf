#include "app/translate/network_scorer_source.h"

#include "model/inference/inference_scorer.h"
#include "model/transformer_scorer.h"

namespace heed {

ScorerSource make_scorer_source(const TransformerModel& model, Direction direction,
                                WeightPrecision precision) {
  const TokenId end = source_end(direction);
  if (!model.device().is_cpu())
    return [&model, end] {
      return std::make_unique<TransformerScorer>(model.transformer(), end, model.device());
    };
  const auto packed = std::make_shared<const InferenceModel>(model.transformer().config(),
                                                             precision, model.find_weights());
  return [packed, end] { return make_inference_scorer(packed, end); };
}

}  // namespace heed
