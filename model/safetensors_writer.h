#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "model/safetensors_file.h"

namespace heed {

/// Float values in memory, to be written as `type`.
struct NamedValues {
  std::string name;
  std::vector<std::int64_t> shape;
  const float* values = nullptr;
  TensorType type = TensorType::kF32;
};

/// Writes tensors in order and waits until they are on disk; one of kI8 with its scales, which are
/// each row's greatest magnitude / 127. Throws std::runtime_error naming the file on any failure;
/// the caller writes to a temporary folder and renames.
void write_safetensors(const std::filesystem::path& path, std::span<const NamedValues> tensors,
                       const std::map<std::string, std::string>& metadata);

}  // namespace heed
