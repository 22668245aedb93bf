#include "model/transformer_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "model/aten_ops.h"

namespace heed {
namespace {

VisitParameters visit(Transformer& transformer) {
  return [&transformer](const ParameterVisitor& visitor) { transformer.visit_parameters(visitor); };
}

}  // namespace

TransformerModel::TransformerModel(const TransformerConfig& config, at::Device device)
    : transformer_(std::make_unique<Transformer>(config)),
      layout_(visit(*transformer_)),
      values_(layout_.make_buffer(device)) {
  bind_parameters(visit(*transformer_), layout_, {values_, {}, {}});
}

void TransformerModel::load(const SafetensorsFile& file) {
  std::set<std::string> left_over(file.names().begin(), file.names().end());
  for (const ParameterSpec& spec : layout_.specs()) {
    ParameterLayout::view(values_, spec).copy_(read_tensor(file, spec.name, spec.shape));
    left_over.erase(spec.name);
  }
  file.check_left_over(left_over);
}

void TransformerModel::save(const std::filesystem::path& path) const {
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (const ParameterSpec& spec : layout_.specs())
    tensors.emplace_back(spec.name, ParameterLayout::view(values_, spec));
  write_safetensors(path, tensors, {{"format", "heed"}});
}

FindWeights TransformerModel::find_weights() const {
  return [this](const std::string& name, std::span<const std::int64_t> shape) {
    for (const ParameterSpec& spec : layout_.specs())
      if (spec.name == name && std::ranges::equal(spec.shape, shape))
        return std::shared_ptr<const float>(std::make_shared<at::Tensor>(values_),
                                            values_.const_data_ptr<float>() + spec.offset);
    throw std::logic_error(
        fmt::format("the model has no '{}' of [{}]", name, fmt::join(shape, ", ")));
  };
}

std::unique_ptr<Transformer> TransformerModel::make_replica(const at::Tensor& grads,
                                                            const at::Tensor& low_precision) const {
  auto replica = std::make_unique<Transformer>(transformer_->config());
  bind_parameters(visit(*replica), layout_, {values_, grads, low_precision});
  return replica;
}

}  // namespace heed
