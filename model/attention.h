#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "model/forward_context.h"
#include "model/layers.h"

namespace heed {

/// Keys and values that decoding keeps between steps.
struct KeyValue {
  at::Tensor key;    // [rows, heads, k_len, head_dim]
  at::Tensor value;  // [rows, heads, k_len, head_dim]
};

/// Queries, keys and values of the same sentence. The three projections are one matrix.
struct SelfAttention {
  explicit SelfAttention(const TransformerConfig& config);

  void visit_parameters(const std::string& prefix, const ParameterVisitor& visitor);

  /// x packed [rows, d_model]; returns the same shape. The weights go to `weights` unless null.
  at::Tensor forward(const at::Tensor& x, const Packing& packing, bool is_causal,
                     const ForwardContext& context, at::Tensor* weights) const;
  /// One more position: x [rows, 1, d_model] attends to what `cache` holds and to itself, and is
  /// appended to `cache`.
  at::Tensor step(const at::Tensor& x, KeyValue& cache) const;

  Linear query_key_value;
  Linear output;

 private:
  /// Of places from `start` on, `len` or more of them; undefined where positions aren't rotary.
  at::Tensor rotations(std::int64_t start, std::int64_t len) const;

  std::int64_t num_heads_;
  double dropout_;
  at::Tensor rotations_;  // of the first kKeptRotations places
};

/// Queries of the decoder, keys and values of the encoder's output (`memory`).
struct CrossAttention {
  explicit CrossAttention(const TransformerConfig& config);

  void visit_parameters(const std::string& prefix, const ParameterVisitor& visitor);

  /// x packed [tgt_rows, d_model], memory packed [src_rows, d_model]; returns x's shape.
  at::Tensor forward(const at::Tensor& x, const Packing& tgt_packing, const at::Tensor& memory,
                     const Packing& src_packing, const ForwardContext& context,
                     at::Tensor* weights) const;

  /// Keys and values of `memory`, for steps; once a sentence is enough.
  KeyValue project_memory(const at::Tensor& memory, const Packing& src_packing) const;
  /// x [batch, rows of a sentence, d_model]; src_bias as padding_bias gives it. The weights,
  /// [batch, num_heads, rows of a sentence, src_len], go to `weights` unless null.
  at::Tensor step(const at::Tensor& x, const KeyValue& memory, const at::Tensor& src_bias,
                  at::Tensor* weights) const;

  Linear query;
  Linear key_value;
  Linear output;

 private:
  std::int64_t num_heads_;
  double dropout_;
};

}  // namespace heed
