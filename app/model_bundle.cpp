#include "app/model_bundle.h"

#include "model/safetensors_file.h"
#include "model/weight_sizes.h"

namespace heed {

ModelBundle ModelBundle::load(const std::filesystem::path& path, at::Device device,
                              Direction direction) {
  ModelBundle bundle{ModelFolder::load(path, direction), nullptr};
  const SafetensorsFile weights(bundle.weights());
  check_weight_sizes(weights, bundle.config.model);
  bundle.model = std::make_unique<TransformerModel>(bundle.config.model, device);
  bundle.model->load(weights);
  return bundle;
}

}  // namespace heed
