#include "model/attention.h"

#include <ATen/core/grad_mode.h>

#include <cmath>

#include "model/aten_ops.h"

namespace heed {
namespace {

/// [batch, len, parts * d_model] -> `parts` tensors [batch, heads, len, head_dim].
std::vector<at::Tensor> split_heads(const at::Tensor& x, std::int64_t parts, std::int64_t heads) {
  const std::int64_t head_dim = x.size(2) / (parts * heads);
  return x.view({x.size(0), x.size(1), parts, heads, head_dim}).permute({2, 0, 3, 1, 4}).unbind(0);
}

/// [batch, heads, len, head_dim] -> [batch, len, heads * head_dim].
at::Tensor join_heads(const at::Tensor& x) {
  return x.transpose(1, 2).reshape({x.size(0), x.size(2), x.size(1) * x.size(3)});
}

}  // namespace

at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                  const at::Tensor& bias, double dropout, const ForwardContext& context,
                  at::Tensor* weights) {
  const bool fused = weights == nullptr && !at::GradMode::is_enabled();
  if (fused) {
    const auto mask = bias.defined() ? std::optional<at::Tensor>(bias) : std::nullopt;
    return join_heads(at::scaled_dot_product_attention(q, k, v, mask));
  }
  const double scale = 1.0 / std::sqrt(static_cast<double>(q.size(3)));
  at::Tensor scores = at::matmul(q * scale, k.transpose(2, 3));  // [batch, heads, q_len, k_len]
  if (bias.defined()) scores = scores + bias;
  const at::Tensor probabilities = at::softmax(scores, -1);
  if (weights != nullptr) *weights = probabilities.detach();
  return join_heads(at::matmul(context.drop(probabilities, dropout), v));
}

SelfAttention::SelfAttention(const TransformerConfig& config)
    : query_key_value{config.d_model, 3 * config.d_model, {}, {}},
      output{config.d_model, config.d_model, {}, {}},
      num_heads_(config.num_heads),
      dropout_(config.attention_dropout) {}

void SelfAttention::visit_parameters(const std::string& prefix, const ParameterVisitor& visitor) {
  query_key_value.visit_parameters(prefix + ".query_key_value", visitor);
  output.visit_parameters(prefix + ".output", visitor);
}

at::Tensor SelfAttention::forward(const at::Tensor& x, const at::Tensor& bias,
                                  const ForwardContext& context, at::Tensor* weights) const {
  const auto qkv = split_heads(query_key_value.forward(x), 3, num_heads_);
  return output.forward(attend(qkv[0], qkv[1], qkv[2], bias, dropout_, context, weights));
}

at::Tensor SelfAttention::step(const at::Tensor& x, KeyValue& cache,
                               const ForwardContext& context) const {
  const auto qkv = split_heads(query_key_value.forward(x), 3, num_heads_);
  const bool is_first = !cache.key.defined();
  cache.key = is_first ? qkv[1] : at::cat({cache.key, qkv[1]}, 2);
  cache.value = is_first ? qkv[2] : at::cat({cache.value, qkv[2]}, 2);
  return output.forward(attend(qkv[0], cache.key, cache.value, {}, dropout_, context, nullptr));
}

CrossAttention::CrossAttention(const TransformerConfig& config)
    : query{config.d_model, config.d_model, {}, {}},
      key_value{config.d_model, 2 * config.d_model, {}, {}},
      output{config.d_model, config.d_model, {}, {}},
      num_heads_(config.num_heads),
      dropout_(config.attention_dropout) {}

void CrossAttention::visit_parameters(const std::string& prefix, const ParameterVisitor& visitor) {
  query.visit_parameters(prefix + ".query", visitor);
  key_value.visit_parameters(prefix + ".key_value", visitor);
  output.visit_parameters(prefix + ".output", visitor);
}

KeyValue CrossAttention::project_memory(const at::Tensor& memory) const {
  const auto parts = split_heads(key_value.forward(memory), 2, num_heads_);
  return {parts[0], parts[1]};
}

at::Tensor CrossAttention::forward(const at::Tensor& x, const KeyValue& memory,
                                   const at::Tensor& bias, const ForwardContext& context,
                                   at::Tensor* weights) const {
  const auto q = split_heads(query.forward(x), 1, num_heads_)[0];
  return output.forward(attend(q, memory.key, memory.value, bias, dropout_, context, weights));
}

}  // namespace heed
