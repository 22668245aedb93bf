#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "model/safetensors_file.h"
#include "model/transformer_config.h"

namespace heed {

/// Throws std::runtime_error naming the file where `name` isn't there or of another shape.
void check_shape(const SafetensorsFile& file, const std::string& name,
                 std::span<const std::int64_t> shape);

/// Whether a file can hold the weights of a model of `config` (a valid one), told from its header,
/// before any memory is asked for by what the configuration says. Throws std::runtime_error naming
/// the file and the size that is not the configuration's. That every tensor is there is left to
/// whoever reads them.
void check_weight_sizes(const SafetensorsFile& file, const TransformerConfig& config);

/// The part of `check_weight_sizes` that knows no names: a model of `config` must not have more
/// weights than the file has bytes.
void check_weight_count(const SafetensorsFile& file, const TransformerConfig& config);

}  // namespace heed
