#include "model/inference/model_file.h"

#include <set>
#include <string>

#include "model/safetensors_file.h"
#include "model/weight_sizes.h"

namespace heed {

std::shared_ptr<const InferenceModel> load_inference_model(const std::filesystem::path& path,
                                                           const TransformerConfig& config,
                                                           WeightPrecision precision) {
  const SafetensorsFile file(path);
  check_weight_sizes(file, config);
  std::set<std::string> left_over(file.names().begin(), file.names().end());
  auto model = std::make_shared<const InferenceModel>(
      config, precision, [&](const std::string& name, std::span<const std::int64_t> shape) {
        left_over.erase(name);
        return file.values(name, shape);
      });
  // Word links are no part of a translation.
  if (config.alignment_head)
    std::erase_if(left_over,
                  [](const std::string& name) { return name.starts_with("alignment_head."); });
  file.check_left_over(left_over);
  file.drop_pages();
  return model;
}

}  // namespace heed
