#include "model/transformer.h"

#include <fmt/format.h>

#include "model/aten_ops.h"
#include "model/masks.h"

namespace heed {
namespace {

TransformerConfig validated(const TransformerConfig& config) {
  config.validate();
  return config;
}

/// Room for one layer's weights when they are asked for, else null.
at::Tensor* next_slot(AttentionWeights* weights, std::vector<at::Tensor> AttentionWeights::*kind) {
  return weights == nullptr ? nullptr : &(weights->*kind).emplace_back();
}

}  // namespace

EncoderLayer::EncoderLayer(const TransformerConfig& config)
    : self_attention(config),
      self_attention_residual(config),
      feed_forward(config),
      feed_forward_residual(config) {}

void EncoderLayer::visit_parameters(const std::string& prefix, const ParameterVisitor& visitor) {
  self_attention.visit_parameters(prefix + ".self_attention", visitor);
  self_attention_residual.visit_parameters(prefix + ".self_attention_residual", visitor);
  feed_forward.visit_parameters(prefix + ".feed_forward", visitor);
  feed_forward_residual.visit_parameters(prefix + ".feed_forward_residual", visitor);
}

at::Tensor EncoderLayer::forward(const at::Tensor& x, const at::Tensor& src_bias,
                                 const ForwardContext& context) const {
  at::Tensor* weights = next_slot(context.weights, &AttentionWeights::encoder_self);
  const at::Tensor attended =
      self_attention_residual.forward(x, context, [&](const at::Tensor& normed) {
        return self_attention.forward(normed, src_bias, context, weights);
      });
  return feed_forward_residual.forward(attended, context, [&](const at::Tensor& normed) {
    return feed_forward.forward(normed, context);
  });
}

DecoderLayer::DecoderLayer(const TransformerConfig& config)
    : self_attention(config),
      self_attention_residual(config),
      cross_attention(config),
      cross_attention_residual(config),
      feed_forward(config),
      feed_forward_residual(config) {}

void DecoderLayer::visit_parameters(const std::string& prefix, const ParameterVisitor& visitor) {
  self_attention.visit_parameters(prefix + ".self_attention", visitor);
  self_attention_residual.visit_parameters(prefix + ".self_attention_residual", visitor);
  cross_attention.visit_parameters(prefix + ".cross_attention", visitor);
  cross_attention_residual.visit_parameters(prefix + ".cross_attention_residual", visitor);
  feed_forward.visit_parameters(prefix + ".feed_forward", visitor);
  feed_forward_residual.visit_parameters(prefix + ".feed_forward_residual", visitor);
}

at::Tensor DecoderLayer::forward(const at::Tensor& x, const KeyValue& memory,
                                 const at::Tensor& src_bias, const at::Tensor& causal_bias,
                                 const ForwardContext& context) const {
  at::Tensor* self_weights = next_slot(context.weights, &AttentionWeights::decoder_self);
  at::Tensor* cross_weights = next_slot(context.weights, &AttentionWeights::cross);
  const at::Tensor attended =
      self_attention_residual.forward(x, context, [&](const at::Tensor& normed) {
        return self_attention.forward(normed, causal_bias, context, self_weights);
      });
  const at::Tensor informed =
      cross_attention_residual.forward(attended, context, [&](const at::Tensor& normed) {
        return cross_attention.forward(normed, memory, src_bias, context, cross_weights);
      });
  return feed_forward_residual.forward(informed, context, [&](const at::Tensor& normed) {
    return feed_forward.forward(normed, context);
  });
}

at::Tensor DecoderLayer::step(const at::Tensor& x, DecoderLayerState& state,
                              const at::Tensor& src_bias) const {
  const ForwardContext context;
  const at::Tensor attended = self_attention_residual.forward(
      x, context,
      [&](const at::Tensor& normed) { return self_attention.step(normed, state.self, context); });
  const std::int64_t sentences = src_bias.size(0);
  const at::Tensor informed =
      cross_attention_residual.forward(attended, context, [&](const at::Tensor& normed) {
        // The rows of a sentence are the queries of one attention: its keys are read once for all.
        const at::Tensor by_sentence = normed.view({sentences, -1, normed.size(2)});
        return cross_attention.forward(by_sentence, state.memory, src_bias, context, nullptr)
            .view(normed.sizes());
      });
  return feed_forward_residual.forward(informed, context, [&](const at::Tensor& normed) {
    return feed_forward.forward(normed, context);
  });
}

Transformer::Transformer(const TransformerConfig& config)
    : config_(validated(config)),
      src_embedding_(config, config.src_vocab_size),
      tgt_embedding_(config, config.tgt_vocab_size),
      encoder_layers_(static_cast<std::size_t>(config.encoder_layers), EncoderLayer(config)),
      encoder_norm_{config.d_model, {}, {}},
      decoder_layers_(static_cast<std::size_t>(config.decoder_layers), DecoderLayer(config)),
      decoder_norm_{config.d_model, {}, {}} {}

void Transformer::visit_parameters(const ParameterVisitor& visitor) {
  const bool one_embedding = config_.tying == Tying::kAll;
  src_embedding_.visit_parameters("src_embedding", visitor, true);
  tgt_embedding_.visit_parameters("tgt_embedding", visitor, !one_embedding);
  for (std::size_t layer = 0; layer < encoder_layers_.size(); ++layer)
    encoder_layers_[layer].visit_parameters(fmt::format("encoder.layers.{}", layer), visitor);
  if (config_.norm == NormPosition::kPre) encoder_norm_.visit_parameters("encoder.norm", visitor);
  for (std::size_t layer = 0; layer < decoder_layers_.size(); ++layer)
    decoder_layers_[layer].visit_parameters(fmt::format("decoder.layers.{}", layer), visitor);
  if (config_.norm == NormPosition::kPre) decoder_norm_.visit_parameters("decoder.norm", visitor);
  if (config_.tying == Tying::kNone)
    visitor("output.weight", output_weight_, {config_.tgt_vocab_size, config_.d_model},
            Initializer::kXavierUniform);
  if (one_embedding) tgt_embedding_.weight = src_embedding_.weight;
  if (config_.tying != Tying::kNone) output_weight_ = tgt_embedding_.weight;
}

Memory Transformer::encode(const at::Tensor& src, const at::Tensor& src_is_token,
                           const ForwardContext& context) const {
  const at::Tensor src_bias = padding_bias(src_is_token);
  at::Tensor x = src_embedding_.forward(src, 0, context);
  for (const EncoderLayer& layer : encoder_layers_) x = layer.forward(x, src_bias, context);
  if (config_.norm == NormPosition::kPre) x = encoder_norm_.forward(x);
  return {x, src_bias};
}

at::Tensor Transformer::decode(const at::Tensor& tgt_in, const Memory& memory,
                               const ForwardContext& context) const {
  const at::Tensor causal = causal_bias(tgt_in.size(1), memory.src_bias);
  at::Tensor x = tgt_embedding_.forward(tgt_in, 0, context);
  for (const DecoderLayer& layer : decoder_layers_) {
    const KeyValue keys = layer.cross_attention.project_memory(memory.states);
    x = layer.forward(x, keys, memory.src_bias, causal, context);
  }
  return config_.norm == NormPosition::kPre ? decoder_norm_.forward(x) : x;
}

at::Tensor Transformer::project(const at::Tensor& hidden) const {
  return at::linear(hidden, output_weight_);
}

DecoderState Transformer::start(const Memory& memory) const {
  DecoderState state;
  state.src_bias = memory.src_bias;
  for (const DecoderLayer& layer : decoder_layers_) {
    const KeyValue keys = layer.cross_attention.project_memory(memory.states);
    // Read at every step: laid out once so that no step has to copy it.
    state.layers.push_back({{}, {keys.key.contiguous(), keys.value.contiguous()}});
  }
  return state;
}

at::Tensor Transformer::step(const at::Tensor& tokens, DecoderState& state) const {
  at::Tensor x = tgt_embedding_.forward(tokens.unsqueeze(1), state.position, {});
  for (std::size_t layer = 0; layer < decoder_layers_.size(); ++layer)
    x = decoder_layers_[layer].step(x, state.layers[layer], state.src_bias);
  ++state.position;
  if (config_.norm == NormPosition::kPre) x = decoder_norm_.forward(x);
  return x.squeeze(1);
}

std::int64_t count_parameters(const TransformerConfig& config) {
  Transformer transformer(config);
  return ParameterLayout([&](const ParameterVisitor& v) { transformer.visit_parameters(v); })
      .num_parameters();
}

}  // namespace heed
