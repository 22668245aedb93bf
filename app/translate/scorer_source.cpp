#include "app/translate/scorer_source.h"

#include <fmt/format.h>

#include <stdexcept>

#include "model/inference/inference_scorer.h"
#include "model/transformer_scorer.h"

namespace heed {
namespace {

FindWeights find_in(const TransformerModel& model) {
  return [&model](const std::string& name, std::int64_t size) {
    for (const ParameterSpec& spec : model.layout().specs())
      if (spec.name == name && spec.numel == size)
        return model.values().const_data_ptr<float>() + spec.offset;
    throw std::logic_error(fmt::format("the model has no '{}' of {} values", name, size));
  };
}

}  // namespace

ScorerSource make_scorer_source(const TransformerModel& model, Direction direction,
                                WeightPrecision precision) {
  const TokenId end = source_end(direction);
  if (!model.device().is_cpu())
    return [&model, end] {
      return std::make_unique<TransformerScorer>(model.transformer(), end, model.device());
    };
  const auto packed = std::make_shared<const InferenceModel>(model.transformer().config(),
                                                             precision, find_in(model), nullptr);
  return [packed, end] { return make_inference_scorer(packed, end); };
}

}  // namespace heed
