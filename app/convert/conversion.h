#pragma once

#include <cstdint>
#include <filesystem>

#include "model/inference/inference_model.h"

namespace heed {

struct ConversionReport {
  std::uintmax_t bytes_before = 0;  // of the weights
  std::uintmax_t bytes_after = 0;
};

/// Copies the model that `source` stands for (`find_model_folder`) into the new folder `target`,
/// its matrices stored in `precision`; all else stays in 32 bits. Every command reads the result,
/// which has the values that were stored. Throws UsageError where `target` is there already, else
/// as ModelFolder::load and SafetensorsFile do.
ConversionReport convert_model(const std::filesystem::path& source,
                               const std::filesystem::path& target, WeightPrecision precision);

}  // namespace heed
