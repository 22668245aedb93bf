#include "app/convert/conversion.h"

#include <memory>
#include <vector>

#include "app/derived_model.h"
#include "app/model_folder.h"
#include "app/new_folder.h"
#include "model/safetensors_file.h"
#include "model/safetensors_writer.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

TensorType stored_type(WeightPrecision precision) {
  switch (precision) {
    case WeightPrecision::kBf16:
      return TensorType::kBf16;
    case WeightPrecision::kInt8:
      return TensorType::kI8;
    default:
      return TensorType::kF32;
  }
}

/// Biases, norms and positions are added to numbers, and there are few of them.
bool is_matrix(const std::string& name, std::span<const std::int64_t> shape) {
  return shape.size() == 2 && name.ends_with(".weight");
}

void convert_weights(const fs::path& source, const fs::path& target, TensorType type) {
  const SafetensorsFile file(source);
  std::vector<std::shared_ptr<const float>> values;
  std::vector<NamedValues> tensors;
  for (const std::string& name : file.names()) {
    const auto shape = file.shape(name);
    values.push_back(file.values(name, shape));
    tensors.push_back({name,
                       {shape.begin(), shape.end()},
                       values.back().get(),
                       is_matrix(name, shape) ? type : TensorType::kF32});
  }
  write_safetensors(target, tensors, file.metadata());
}

}  // namespace

ConversionReport convert_model(const fs::path& source, const fs::path& target,
                               WeightPrecision precision) {
  require_new(target);
  const ModelFolder model = ModelFolder::load(source);
  write_derived_model(model, target, precision, [&](const fs::path& weights) {
    convert_weights(model.weights(), weights, stored_type(precision));
  });
  return {fs::file_size(model.weights()), fs::file_size(target / kWeightsFile)};
}

}  // namespace heed
