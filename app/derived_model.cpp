#include "app/derived_model.h"

#include "data/checksums.h"
#include "model/atomic_folder.h"
#include "model/inference/model_file.h"
#include "model/safetensors_file.h"

namespace heed {

namespace fs = std::filesystem;

void write_derived_model(const ModelFolder& model, const fs::path& target,
                         WeightPrecision precision,
                         const std::function<void(const fs::path& weights)>& write_weights) {
  AtomicFolder folder(target);
  fs::copy_file(model.folder / kConfigFile, folder.path() / kConfigFile);
  model.tokenizers.save(folder.path());
  const fs::path weights = folder.path() / kWeightsFile;
  write_weights(weights);
  // What heed could not read must not stand there.
  load_inference_model(weights, model.config.model, precision);
  write_checksums(folder.path());
  folder.commit();
}

}  // namespace heed
