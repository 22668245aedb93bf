#include "model/safetensors.h"

#include "model/aten_ops.h"

namespace heed {

void write_safetensors(const std::filesystem::path& path,
                       const std::vector<std::pair<std::string, at::Tensor>>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  std::vector<at::Tensor> copies;  // where a tensor isn't plain floats
  std::vector<NamedValues> values;
  for (const auto& [name, tensor] : tensors) {
    copies.push_back(tensor.detach().to(at::kCPU, at::kFloat).contiguous());
    values.push_back({name, tensor.sizes().vec(), copies.back().const_data_ptr<float>()});
  }
  write_safetensors(path, values, metadata);
}

at::Tensor read_tensor(const SafetensorsFile& file, const std::string& name,
                       at::IntArrayRef shape) {
  const std::shared_ptr<const float> values = file.values(name, {shape.data(), shape.size()});
  return at::from_blob(
      const_cast<float*>(values.get()), shape, [values](void*) {}, at::kFloat);
}

}  // namespace heed
