#include "model/transformer_model.h"

#include <fmt/format.h>

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
    ParameterLayout::view(values_, spec).copy_(file.tensor(spec.name, spec.shape));
    left_over.erase(spec.name);
  }
  if (!left_over.empty())
    throw std::runtime_error(
        fmt::format("{}: holds '{}', which the model of its config.toml has no place for; they "
                    "don't belong together",
                    file.path().string(), *left_over.begin()));
}

void TransformerModel::save(const std::filesystem::path& path) const {
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (const ParameterSpec& spec : layout_.specs())
    tensors.emplace_back(spec.name, ParameterLayout::view(values_, spec));
  write_safetensors(path, tensors, {{"format", "heed"}});
}

FindWeights TransformerModel::find_weights() const {
  return [this](const std::string& name, std::int64_t size) {
    for (const ParameterSpec& spec : layout_.specs())
      if (spec.name == name && spec.numel == size)
        return values_.const_data_ptr<float>() + spec.offset;
    throw std::logic_error(fmt::format("the model has no '{}' of {} values", name, size));
  };
}

std::unique_ptr<Transformer> TransformerModel::make_replica(const at::Tensor& grads,
                                                            const at::Tensor& low_precision) const {
  auto replica = std::make_unique<Transformer>(transformer_->config());
  bind_parameters(visit(*replica), layout_, {values_, grads, low_precision});
  return replica;
}

}  // namespace heed
