#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "model/attention.h"
#include "model/decoder_state.h"
#include "model/embedding.h"
#include "model/layers.h"

namespace heed {

struct EncoderLayer {
  explicit EncoderLayer(const TransformerConfig& config);
  void visit_parameters(const std::string& prefix, const ParameterVisitor& visitor);
  at::Tensor forward(const at::Tensor& x, const at::Tensor& src_bias,
                     const ForwardContext& context) const;

  SelfAttention self_attention;
  Residual self_attention_residual;
  FeedForward feed_forward;
  Residual feed_forward_residual;
};

struct DecoderLayer {
  explicit DecoderLayer(const TransformerConfig& config);
  void visit_parameters(const std::string& prefix, const ParameterVisitor& visitor);
  at::Tensor forward(const at::Tensor& x, const KeyValue& memory, const at::Tensor& src_bias,
                     const at::Tensor& causal_bias, const ForwardContext& context) const;
  /// One more position: x [rows, 1, d_model].
  at::Tensor step(const at::Tensor& x, DecoderLayerState& state, const at::Tensor& src_bias) const;

  SelfAttention self_attention;
  Residual self_attention_residual;
  CrossAttention cross_attention;
  Residual cross_attention_residual;
  FeedForward feed_forward;
  Residual feed_forward_residual;
};

/// The encoder's output and which of its positions are tokens.
struct Memory {
  at::Tensor states;    // [batch, src_len, d_model]
  at::Tensor src_bias;  // [batch, 1, 1, src_len], see masks.h
};

/// An encoder-decoder Transformer. Holds no parameter memory: `bind_parameters` points it at a flat
/// buffer. Const methods may run from several threads at once.
class Transformer {
 public:
  /// Throws std::runtime_error when `config` is not valid.
  explicit Transformer(const TransformerConfig& config);
  Transformer(const Transformer&) = delete;
  Transformer& operator=(const Transformer&) = delete;

  const TransformerConfig& config() const { return config_; }
  void visit_parameters(const ParameterVisitor& visitor);

  /// src [batch, src_len] token ids, each sentence closed by eos, padded on the right;
  /// src_is_token [batch, src_len] bool.
  Memory encode(const at::Tensor& src, const at::Tensor& src_is_token,
                const ForwardContext& context) const;
  /// Teacher forcing: tgt_in [batch, tgt_len] begins with bos. Returns [batch, tgt_len, d_model].
  at::Tensor decode(const at::Tensor& tgt_in, const Memory& memory,
                    const ForwardContext& context) const;
  /// hidden [..., d_model] -> logits [..., tgt_vocab_size].
  at::Tensor project(const at::Tensor& hidden) const;

  /// The state ahead of the first step: keys and values of `memory` in every layer.
  DecoderState start(const Memory& memory) const;
  /// tokens [rows], one next token for each row of `state`; returns hidden [rows, d_model].
  at::Tensor step(const at::Tensor& tokens, DecoderState& state) const;

 private:
  TransformerConfig config_;
  Embedding src_embedding_;
  Embedding tgt_embedding_;
  std::vector<EncoderLayer> encoder_layers_;
  LayerNorm encoder_norm_;
  std::vector<DecoderLayer> decoder_layers_;
  LayerNorm decoder_norm_;
  at::Tensor output_weight_;  // [tgt_vocab_size, d_model]
};

/// Number of trained values of a model of `config`; a tied matrix counts once.
std::int64_t count_parameters(const TransformerConfig& config);

}  // namespace heed
