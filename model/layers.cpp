#include "model/layers.h"

#include "model/aten_ops.h"

namespace heed {
namespace {

constexpr double kLayerNormEpsilon = 1e-5;

at::Tensor activate(const at::Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::kRelu:
      return at::relu(x);
    case Activation::kGelu:
      return at::gelu(x);
    case Activation::kSwish:
      return at::silu(x);
  }
  TORCH_CHECK(false, "not an activation");
}

}  // namespace

void Linear::visit_parameters(const std::string& prefix, const ParameterVisitor& visitor) {
  visitor(prefix + ".weight", weight, {out_features, in_features}, Initializer::kXavierUniform);
  visitor(prefix + ".bias", bias, {out_features}, Initializer::kZeros);
}

at::Tensor Linear::forward(const at::Tensor& x) const {
  return at::linear(x, weight, bias);
}

void LayerNorm::visit_parameters(const std::string& prefix, const ParameterVisitor& visitor) {
  visitor(prefix + ".weight", weight, {size}, Initializer::kOnes);
  visitor(prefix + ".bias", bias, {size}, Initializer::kZeros);
}

at::Tensor LayerNorm::forward(const at::Tensor& x) const {
  return at::layer_norm(x, {size}, weight, bias, kLayerNormEpsilon);
}

FeedForward::FeedForward(const TransformerConfig& config)
    : inner{config.d_model, config.ffn_size, {}, {}},
      outer{config.ffn_size, config.d_model, {}, {}},
      activation_(config.activation),
      dropout_(config.ffn_dropout) {}

void FeedForward::visit_parameters(const std::string& prefix, const ParameterVisitor& visitor) {
  inner.visit_parameters(prefix + ".inner", visitor);
  outer.visit_parameters(prefix + ".outer", visitor);
}

at::Tensor FeedForward::forward(const at::Tensor& x, const ForwardContext& context) const {
  return outer.forward(context.drop(activate(inner.forward(x), activation_), dropout_));
}

Residual::Residual(const TransformerConfig& config)
    : norm{config.d_model, {}, {}}, position_(config.norm), dropout_(config.residual_dropout) {}

void Residual::visit_parameters(const std::string& prefix, const ParameterVisitor& visitor) {
  norm.visit_parameters(prefix + ".norm", visitor);
}

}  // namespace heed
