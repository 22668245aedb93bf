#include "app/model_bundle.h"

#include "model/safetensors_file.h"

namespace heed {

ModelBundle ModelBundle::load(const std::filesystem::path& path, at::Device device,
                              Direction direction) {
  ModelBundle bundle{ModelFolder::load(path, direction), nullptr};
  bundle.model = std::make_unique<TransformerModel>(bundle.config.model, device);
  bundle.model->load(SafetensorsFile(bundle.weights()));
  return bundle;
}

}  // namespace heed
