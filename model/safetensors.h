#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/safetensors_file.h"
#include "model/safetensors_writer.h"

namespace heed {

/// Writes tensors of any kind and device as F32, see `write_safetensors` of values.
void write_safetensors(const std::filesystem::path& path,
                       const std::vector<std::pair<std::string, at::Tensor>>& tensors,
                       const std::map<std::string, std::string>& metadata);

/// A float tensor over `file.values(name, shape)`, which it keeps alive. Not to be written to.
at::Tensor read_tensor(const SafetensorsFile& file, const std::string& name, at::IntArrayRef shape);

}  // namespace heed
