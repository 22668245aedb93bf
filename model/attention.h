#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "model/forward_context.h"
#include "model/layers.h"

namespace heed {

/// Attention of several heads (Vaswani et al. 2017, section 3.2):
///   softmax(Q K^T / sqrt(head_dim) + bias) V
/// q [batch, heads, q_len, head_dim]; k, v [batch, heads, k_len, head_dim]; bias broadcasts to
/// [batch, heads, q_len, k_len], may be undefined. Returns [batch, q_len, heads * head_dim].
/// The weights, ahead of dropout, go to `weights` when it is not null; outside training and with
/// nobody asking, a fused kernel runs that never holds them.
at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                  const at::Tensor& bias, double dropout, const ForwardContext& context,
                  at::Tensor* weights);

struct KeyValue {
  at::Tensor key;    // [rows, heads, k_len, head_dim]
  at::Tensor value;  // [rows, heads, k_len, head_dim]
};

/// Queries, keys and values of the same sequence. The three projections are one matrix.
struct SelfAttention {
  explicit SelfAttention(const TransformerConfig& config);

  void visit_parameters(const std::string& prefix, const ParameterVisitor& visitor);

  /// x [batch, len, d_model]; returns the same shape.
  at::Tensor forward(const at::Tensor& x, const at::Tensor& bias, const ForwardContext& context,
                     at::Tensor* weights) const;
  /// One more position: x [rows, 1, d_model] attends to what `cache` holds and to itself, and is
  /// appended to `cache`.
  at::Tensor step(const at::Tensor& x, KeyValue& cache, const ForwardContext& context) const;

  Linear query_key_value;
  Linear output;

 private:
  std::int64_t num_heads_;
  double dropout_;
};

/// Queries of the decoder, keys and values of the encoder's output (`memory`).
struct CrossAttention {
  explicit CrossAttention(const TransformerConfig& config);

  void visit_parameters(const std::string& prefix, const ParameterVisitor& visitor);

  /// Keys and values of memory [batch, src_len, d_model]; once a sentence is enough.
  KeyValue project_memory(const at::Tensor& memory) const;
  /// x [batch, tgt_len, d_model]; returns the same shape.
  at::Tensor forward(const at::Tensor& x, const KeyValue& memory, const at::Tensor& bias,
                     const ForwardContext& context, at::Tensor* weights) const;

  Linear query;
  Linear key_value;
  Linear output;

 private:
  std::int64_t num_heads_;
  double dropout_;
};

}  // namespace heed
