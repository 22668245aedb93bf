#include "model/layers.h"

namespace heed {
void Linear::visit_parameters(const std::string& prefix, const ParameterVisitor& visitor) {
  visitor(prefix + ".weight", weight, {out_features, in_features}, Initializer::kXavierUniform);
  visitor(prefix + ".bias", bias, {out_features}, Initializer::kZeros);
}

at::Tensor Linear::forward(const at::Tensor& x) const {
  return linear(x, weight, bias);
}

void LayerNorm::visit_parameters(const std::string& prefix, const ParameterVisitor& visitor) {
  visitor(prefix + ".weight", weight, {size}, Initializer::kOnes);
  visitor(prefix + ".bias", bias, {size}, Initializer::kZeros);
}

at::Tensor LayerNorm::forward(const at::Tensor& x) const {
  return layer_norm(x, weight, bias);
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
  return outer.forward(activate(inner.forward(x), activation_, context.drop(dropout_)));
}

Residual::Residual(const TransformerConfig& config)
    : norm{config.d_model, {}, {}}, position_(config.norm), dropout_(config.residual_dropout) {}

void Residual::visit_parameters(const std::string& prefix, const ParameterVisitor& visitor) {
  norm.visit_parameters(prefix + ".norm", visitor);
}

ResidualStream Residual::begin(const at::Tensor& x) const {
  return {x, position_ == NormPosition::kPre ? norm.forward(x) : x};
}

}  // namespace heed
