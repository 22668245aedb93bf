#pragma once

#include <filesystem>
#include <functional>

#include "app/model_folder.h"
#include "model/inference/inference_model.h"

namespace heed {

/// Writes the model folder `target` with the settings and the tokenizers of `model` and weights
/// that `write_weights` writes at the path it is called with, of matrices in `precision`. There is
/// a whole folder that heed can read in the end, or none. `require_new` has let `target` through:
/// what is there is replaced. Throws std::runtime_error naming a file that can't be written or read
/// back.
void write_derived_model(
    const ModelFolder& model, const std::filesystem::path& target, WeightPrecision precision,
    const std::function<void(const std::filesystem::path& weights)>& write_weights);

}  // namespace heed
