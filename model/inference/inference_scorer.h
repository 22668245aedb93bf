#pragma once

#include <cstdint>
#include <memory>

#include "model/inference/inference_model.h"
#include "model/scorer.h"

namespace heed {

/// A model as a scorer. Keys and values of the source are made once a sentence; those of former
/// positions stay where they are, found through the beams' origins. A scorer may be used for one
/// batch after another, which saves it room to ask for. Each source is closed by `source_end`.
std::unique_ptr<NextTokenScorer> make_inference_scorer(std::shared_ptr<const InferenceModel> model,
                                                       std::int32_t source_end);

}  // namespace heed
