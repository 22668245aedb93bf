#pragma once

#include <filesystem>
#include <memory>

#include "app/model_folder.h"
#include "model/transformer_model.h"

namespace heed {

/// A model folder with its network.
struct ModelBundle : ModelFolder {
  std::unique_ptr<TransformerModel> model;

  /// As ModelFolder::load. Throws std::runtime_error, too, naming what of the weights is missing,
  /// truncated or foreign.
  static ModelBundle load(const std::filesystem::path& path, at::Device device = at::kCPU,
                          Direction direction = Direction::kForward);
};

}  // namespace heed
