#include "model/transformer.h"

#include <fmt/format.h>

#include "model/alignment_head.h"
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

ResidualStream EncoderLayer::forward(const ResidualStream& stream, const Packing& packing,
                                     const LayerNorm& next, const ForwardContext& context) const {
  at::Tensor* weights = next_slot(context.weights, &AttentionWeights::encoder_self);
  const ResidualStream attended = self_attention_residual.forward(
      stream, feed_forward_residual.norm, context, [&](const at::Tensor& x) {
        return self_attention.forward(x, packing, /*is_causal=*/false, context, weights);
      });
  return feed_forward_residual.forward(attended, next, context, [&](const at::Tensor& x) {
    return feed_forward.forward(x, context);
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

ResidualStream DecoderLayer::forward(const ResidualStream& stream, const Packing& packing,
                                     const Memory& memory, const LayerNorm& next,
                                     const ForwardContext& context) const {
  at::Tensor* self_weights = next_slot(context.weights, &AttentionWeights::decoder_self);
  at::Tensor* cross_weights = next_slot(context.weights, &AttentionWeights::cross);
  const ResidualStream attended = self_attention_residual.forward(
      stream, cross_attention_residual.norm, context, [&](const at::Tensor& x) {
        return self_attention.forward(x, packing, /*is_causal=*/true, context, self_weights);
      });
  const ResidualStream informed = cross_attention_residual.forward(
      attended, feed_forward_residual.norm, context, [&](const at::Tensor& x) {
        return cross_attention.forward(x, packing, memory.states, memory.packing, context,
                                       cross_weights);
      });
  return feed_forward_residual.forward(informed, next, context, [&](const at::Tensor& x) {
    return feed_forward.forward(x, context);
  });
}

ResidualStream DecoderLayer::step(const ResidualStream& stream, DecoderLayerState& state,
                                  const at::Tensor& src_bias, const LayerNorm& next,
                                  const ForwardContext& context) const {
  at::Tensor* weights = next_slot(context.weights, &AttentionWeights::cross);
  const ResidualStream attended = self_attention_residual.forward(
      stream, cross_attention_residual.norm, context, [&](const at::Tensor& x) {
        return self_attention.step(x.unsqueeze(1), state.self).squeeze(1);
      });
  const ResidualStream informed = cross_attention_residual.forward(
      attended, feed_forward_residual.norm, context, [&](const at::Tensor& x) {
        // The rows of a sentence are the queries of one attention: its keys are read once for all.
        const at::Tensor by_sentence = x.view({src_bias.size(0), -1, x.size(1)});
        return cross_attention.step(by_sentence, state.memory, src_bias, weights).view(x.sizes());
      });
  return feed_forward_residual.forward(informed, next, context, [&](const at::Tensor& x) {
    return feed_forward.forward(x, context);
  });
}

Transformer::Transformer(const TransformerConfig& config)
    : config_(validated(config)),
      src_embedding_(config, config.src_vocab_size),
      tgt_embedding_(config, config.tgt_vocab_size),
      encoder_layers_(static_cast<std::size_t>(config.encoder_layers), EncoderLayer(config)),
      encoder_norm_{config.d_model, {}, {}},
      decoder_layers_(static_cast<std::size_t>(config.decoder_layers), DecoderLayer(config)),
      decoder_norm_{config.d_model, {}, {}} {
  if (config.alignment_head) alignment_head_ = std::make_unique<AlignmentHead>(config);
}

Transformer::~Transformer() = default;

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
  if (config_.output_bias)
    visitor("output.bias", output_bias_, {config_.tgt_vocab_size}, Initializer::kZeros);
  if (alignment_head_) alignment_head_->visit_parameters("alignment_head", visitor);
  if (one_embedding) tgt_embedding_.weight = src_embedding_.weight;
  if (config_.tying != Tying::kNone) output_weight_ = tgt_embedding_.weight;
}

const LayerNorm& Transformer::norm_after_encoder_layer(std::size_t layer) const {
  return layer + 1 < encoder_layers_.size()
             ? encoder_layers_[layer + 1].self_attention_residual.norm
             : encoder_norm_;
}

const LayerNorm& Transformer::norm_after_decoder_layer(std::size_t layer) const {
  return layer + 1 < decoder_layers_.size()
             ? decoder_layers_[layer + 1].self_attention_residual.norm
             : decoder_norm_;
}

Memory Transformer::encode(const PackedIds& src, const ForwardContext& context) const {
  return encode_embedded(embed_source(src, context), src.packing, context);
}

at::Tensor Transformer::embed_source(const PackedIds& src, const ForwardContext& context) const {
  return src_embedding_.forward(src, context);
}

Memory Transformer::encode_embedded(const at::Tensor& embedded, const Packing& packing,
                                    const ForwardContext& context) const {
  ResidualStream stream = encoder_layers_.front().self_attention_residual.begin(embedded);
  for (std::size_t layer = 0; layer < encoder_layers_.size(); ++layer) {
    const EncoderLayer& here = encoder_layers_[layer];
    const LayerNorm& next = norm_after_encoder_layer(layer);
    stream = context.leaves_out(config_.layer_dropout)
                 ? here.feed_forward_residual.pass(stream, next)
                 : here.forward(stream, packing, next, context);
  }
  return {stream.normed, packing};
}

at::Tensor Transformer::decode(const PackedIds& tgt_in, const Memory& memory,
                               const ForwardContext& context) const {
  ResidualStream stream = decoder_layers_.front().self_attention_residual.begin(
      tgt_embedding_.forward(tgt_in, context));
  for (std::size_t layer = 0; layer < decoder_layers_.size(); ++layer) {
    const DecoderLayer& here = decoder_layers_[layer];
    const LayerNorm& next = norm_after_decoder_layer(layer);
    stream = context.leaves_out(config_.layer_dropout)
                 ? here.feed_forward_residual.pass(stream, next)
                 : here.forward(stream, tgt_in.packing, memory, next, context);
  }
  return stream.normed;
}

at::Tensor Transformer::project(const at::Tensor& hidden) const {
  if (!output_bias_.defined()) return at::linear(hidden, output_weight_);
  return at::linear(hidden, output_weight_, output_bias_.to(hidden.scalar_type()));
}

DecoderState Transformer::start(const Memory& memory) const {
  DecoderState state;
  state.src_bias = padding_bias(memory.packing.is_token(memory.states.device()));
  for (const DecoderLayer& layer : decoder_layers_)
    state.layers.push_back(
        {{}, layer.cross_attention.project_memory(memory.states, memory.packing)});
  return state;
}

at::Tensor Transformer::step(const at::Tensor& tokens, DecoderState& state,
                             const ForwardContext& context) const {
  ResidualStream stream = decoder_layers_.front().self_attention_residual.begin(
      tgt_embedding_.step(tokens, state.position));
  for (std::size_t layer = 0; layer < decoder_layers_.size(); ++layer)
    stream = decoder_layers_[layer].step(stream, state.layers[layer], state.src_bias,
                                         norm_after_decoder_layer(layer), context);
  ++state.position;
  return stream.normed;
}

std::int64_t count_parameters(const TransformerConfig& config) {
  Transformer transformer(config);
  return ParameterLayout([&](const ParameterVisitor& v) { transformer.visit_parameters(v); })
      .num_parameters();
}

}  // namespace heed
