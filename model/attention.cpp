#include "model/attention.h"

#include <cmath>

#include "model/aten_ops.h"
#include "model/position_tables.h"
#include "model/reference_functions.h"

namespace heed {
namespace {

using reference::split_heads;

constexpr std::int64_t kKeptRotations = 512;

/// Attention of one step: q [batch, heads, q_len, head_dim] to given keys; `bias` on the scores may
/// be undefined -> [batch, q_len, d_model].
at::Tensor attend_step(const at::Tensor& q, const KeyValue& keys, const at::Tensor& bias) {
  const auto mask = bias.defined() ? std::optional<at::Tensor>(bias) : std::nullopt;
  return at::scaled_dot_product_attention(q, keys.key, keys.value, mask).transpose(1, 2).flatten(2);
}

/// What the above weighs the values by, in float: [batch, heads, q_len, k_len].
at::Tensor step_weights(const at::Tensor& q, const at::Tensor& key, const at::Tensor& bias) {
  const double scale = 1.0 / std::sqrt(static_cast<double>(q.size(3)));
  const at::Tensor scores =
      at::matmul(q.to(at::kFloat) * scale, key.to(at::kFloat).transpose(2, 3));
  return at::softmax(scores + bias, -1);
}

at::Tensor attend_and_show(const AttentionInput& input, const Dropout& dropout,
                           at::Tensor* weights) {
  if (weights != nullptr) *weights = attention_weights(input).detach();
  return attend(input, dropout);
}

}  // namespace

SelfAttention::SelfAttention(const TransformerConfig& config)
    : query_key_value{config.d_model, 3 * config.d_model, {}, {}},
      output{config.d_model, config.d_model, {}, {}},
      num_heads_(config.num_heads),
      dropout_(config.attention_dropout) {
  if (config.positions == PositionEncoding::kRotary)
    rotations_ = rotary_positions(0, kKeptRotations, config.head_dim());
}

at::Tensor SelfAttention::rotations(std::int64_t start, std::int64_t len) const {
  if (!rotations_.defined()) return {};
  if (start + len <= kKeptRotations) return rotations_.narrow(0, start, len);
  return rotary_positions(start, len, rotations_.size(1));
}

void SelfAttention::visit_parameters(const std::string& prefix, const ParameterVisitor& visitor) {
  query_key_value.visit_parameters(prefix + ".query_key_value", visitor);
  output.visit_parameters(prefix + ".output", visitor);
}

at::Tensor SelfAttention::forward(const at::Tensor& x, const Packing& packing, bool is_causal,
                                  const ForwardContext& context, at::Tensor* weights) const {
  const AttentionInput input{
      query_key_value.forward(x),     {}, packing, packing, num_heads_, is_causal,
      rotations(0, packing.longest())};
  return output.forward(attend_and_show(input, context.drop(dropout_), weights));
}

at::Tensor SelfAttention::step(const at::Tensor& x, KeyValue& cache) const {
  auto qkv = split_heads(query_key_value.forward(x), 3, num_heads_);
  const bool is_first = !cache.key.defined();
  const at::Tensor angles = rotations(is_first ? 0 : cache.key.size(2), 1);
  if (angles.defined())
    for (const int turned : {0, 1}) qkv[turned] = reference::rotate(qkv[turned], angles);
  cache.key = is_first ? qkv[1] : at::cat({cache.key, qkv[1]}, 2);
  cache.value = is_first ? qkv[2] : at::cat({cache.value, qkv[2]}, 2);
  return output.forward(attend_step(qkv[0], cache, {}));
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

at::Tensor CrossAttention::forward(const at::Tensor& x, const Packing& tgt_packing,
                                   const at::Tensor& memory, const Packing& src_packing,
                                   const ForwardContext& context, at::Tensor* weights) const {
  const AttentionInput input{query.forward(x), key_value.forward(memory), tgt_packing, src_packing,
                             num_heads_,       /*is_causal=*/false};
  return output.forward(attend_and_show(input, context.drop(dropout_), weights));
}

KeyValue CrossAttention::project_memory(const at::Tensor& memory,
                                        const Packing& src_packing) const {
  const auto parts = split_heads(src_packing.pad(key_value.forward(memory)), 2, num_heads_);
  // Read at every step: laid out once so that no step has to copy it.
  return {parts[0].contiguous(), parts[1].contiguous()};
}

at::Tensor CrossAttention::step(const at::Tensor& x, const KeyValue& memory,
                                const at::Tensor& src_bias, at::Tensor* weights) const {
  const at::Tensor q = split_heads(query.forward(x), 1, num_heads_)[0];
  if (weights != nullptr) *weights = step_weights(q, memory.key, src_bias);
  return output.forward(attend_step(q, memory, src_bias));
}

}  // namespace heed
