#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "model/attention.h"
#include "model/decoder_state.h"
#include "model/embedding.h"
#include "model/layers.h"

namespace heed {

/// The encoder's output.
struct Memory {
  at::Tensor states;  // packed [src_rows, d_model]
  Packing packing;
};

struct EncoderLayer {
  explicit EncoderLayer(const TransformerConfig& config);
  void visit_parameters(const std::string& prefix, const ParameterVisitor& visitor);
  /// `next` is the norm ahead of what follows the layer, see Residual.
  ResidualStream forward(const ResidualStream& stream, const Packing& packing,
                         const LayerNorm& next, const ForwardContext& context) const;

  SelfAttention self_attention;
  Residual self_attention_residual;
  FeedForward feed_forward;
  Residual feed_forward_residual;
};

struct DecoderLayer {
  explicit DecoderLayer(const TransformerConfig& config);
  void visit_parameters(const std::string& prefix, const ParameterVisitor& visitor);
  ResidualStream forward(const ResidualStream& stream, const Packing& packing, const Memory& memory,
                         const LayerNorm& next, const ForwardContext& context) const;
  /// One more position: [rows, d_model].
  ResidualStream step(const ResidualStream& stream, DecoderLayerState& state,
                      const at::Tensor& src_bias, const LayerNorm& next,
                      const ForwardContext& context) const;

  SelfAttention self_attention;
  Residual self_attention_residual;
  CrossAttention cross_attention;
  Residual cross_attention_residual;
  FeedForward feed_forward;
  Residual feed_forward_residual;
};

struct AlignmentHead;

/// An encoder-decoder Transformer. Holds no parameter memory: `bind_parameters` points it at a flat
/// buffer. Const methods may run from several threads at once.
class Transformer {
 public:
  /// Throws std::runtime_error when `config` is not valid.
  explicit Transformer(const TransformerConfig& config);
  ~Transformer();
  Transformer(const Transformer&) = delete;
  Transformer& operator=(const Transformer&) = delete;

  const TransformerConfig& config() const { return config_; }
  void visit_parameters(const ParameterVisitor& visitor);

  /// src: each sentence closed by eos.
  Memory encode(const PackedIds& src, const ForwardContext& context) const;
  /// `encode` in two steps, for gradients by what is between them: the source's vectors, tokens
  /// and positions added up, packed [src_rows, d_model] ...
  at::Tensor embed_source(const PackedIds& src, const ForwardContext& context) const;
  /// ... and the encoder's output for them.
  Memory encode_embedded(const at::Tensor& embedded, const Packing& packing,
                         const ForwardContext& context) const;
  /// What the tokens give to `embed_source`, their positions left out: [src_rows, d_model].
  at::Tensor source_tokens(const at::Tensor& ids) const { return src_embedding_.tokens(ids); }
  /// Teacher forcing: each sentence of tgt_in begins with bos. Returns packed [tgt_rows, d_model].
  at::Tensor decode(const PackedIds& tgt_in, const Memory& memory,
                    const ForwardContext& context) const;
  /// hidden [..., d_model] -> logits [..., tgt_vocab_size].
  at::Tensor project(const at::Tensor& hidden) const;
  /// Null in a model without one.
  const AlignmentHead* alignment_head() const { return alignment_head_.get(); }
  /// The matrix of that projection, [tgt_vocab_size, d_model] ...
  const at::Tensor& output_weight() const { return output_weight_; }
  /// ... and its bias, [tgt_vocab_size]; undefined in a model without one.
  const at::Tensor& output_bias() const { return output_bias_; }

  /// The state ahead of the first step: keys and values of `memory` in every layer.
  DecoderState start(const Memory& memory) const;
  /// tokens [rows], one next token for each row of `state`; returns hidden [rows, d_model]. Of
  /// attention weights those of the source are given, the queries being the rows of a sentence.
  at::Tensor step(const at::Tensor& tokens, DecoderState& state,
                  const ForwardContext& context = {}) const;

 private:
  /// The norm ahead of what follows encoder or decoder layer `layer`.
  const LayerNorm& norm_after_encoder_layer(std::size_t layer) const;
  const LayerNorm& norm_after_decoder_layer(std::size_t layer) const;

  TransformerConfig config_;
  Embedding src_embedding_;
  Embedding tgt_embedding_;
  std::vector<EncoderLayer> encoder_layers_;
  LayerNorm encoder_norm_;
  std::vector<DecoderLayer> decoder_layers_;
  LayerNorm decoder_norm_;
  at::Tensor output_weight_;
  at::Tensor output_bias_;
  std::unique_ptr<AlignmentHead> alignment_head_;
};

/// Number of trained values of a model of `config`; a tied matrix counts once.
std::int64_t count_parameters(const TransformerConfig& config);

}  // namespace heed
