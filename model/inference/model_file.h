#pragma once

#include <filesystem>
#include <memory>

#include "model/inference/inference_model.h"

namespace heed {

/// A model of `config` from the safetensors file that a model folder holds. Throws
/// std::runtime_error naming the file and the parameter that is missing, left over, or of another
/// shape.
std::shared_ptr<const InferenceModel> load_inference_model(const std::filesystem::path& path,
                                                           const TransformerConfig& config,
                                                           WeightPrecision precision);

}  // namespace heed
