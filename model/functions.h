#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <utility>

#include "model/packing.h"
#include "model/transformer_config.h"

/// The operations that the network is made of, each with its gradient. On a CPU they run heed's own
/// kernels (model/kernels), elsewhere ATen's operators: see reference_functions.h, whose results
/// they share. Activations are float or bfloat16; norms, biases and gradients of parameters are
/// float either way.
///
/// The gradient of a parameter that requires one is added to its .grad(), which must exist
/// (bind_parameters); of others none is computed, so that gradients by the input cost no more than
/// they must.
namespace heed {

/// Dropout of one place in the network in one pass, by which elements become zero or are scaled by
/// 1 / (1 - probability) (Srivastava et al. 2014). The same seed and device, the same mask.
struct Dropout {
  double probability = 0.0;  // in [0, 1)
  std::uint64_t seed = 0;
};

/// x W^T + b: x [..., in], weight [out, in], bias [out] -> [..., out].
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

/// dropout(activation(x)).
at::Tensor activate(const at::Tensor& x, Activation activation, const Dropout& dropout);

/// Layer normalisation (Ba et al. 2016) over the last dimension, epsilon 1e-5.
at::Tensor layer_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

/// x + dropout(y), and the layer norm of it.
struct SumAndNorm {
  at::Tensor sum;
  at::Tensor normed;
};
SumAndNorm add_and_norm(const at::Tensor& x, const at::Tensor& y, const Dropout& dropout,
                        const at::Tensor& weight, const at::Tensor& bias);

/// dropout(table[ids] * sqrt(d_model) + positions[place in the sentence]): table [vocab, d_model],
/// positions float [any, d_model] -> [rows, d_model]. Places beyond the last position are the last.
at::Tensor embed(const at::Tensor& table, const at::Tensor& positions, const PackedIds& ids,
                 const Dropout& dropout);

/// What attends to what. Queries, keys and values of a head are head_dim columns side by side.
struct AttentionInput {
  at::Tensor queries;      // [q_rows, d_model]; without `keys_values` [rows, 3 * d_model]: q, k, v
  at::Tensor keys_values;  // [k_rows, 2 * d_model]: k, v; undefined: all is in `queries`
  Packing q_packing;
  Packing k_packing;
  std::int64_t num_heads = 1;
  bool is_causal = false;  // a query sees no key after its own place
  /// Float, on the CPU, [longest sentence or more, head_dim]: by what the queries and keys of each
  /// place are turned, see position_tables.h; undefined: not turned. With self-attention only.
  at::Tensor rotations = {};

  bool is_self() const { return !keys_values.defined(); }
  std::int64_t d_model() const { return queries.size(1) / (is_self() ? 3 : 1); }
};

/// Attention of several heads (Vaswani et al. 2017, section 3.2), within each sentence
///   dropout(softmax(Q K^T / sqrt(head_dim))) V
/// -> [q_rows, d_model]. No tensor of the weights is made.
at::Tensor attend(const AttentionInput& input, const Dropout& dropout);

/// The weights of the above, ahead of dropout: float [batch, num_heads, longest query, longest
/// key], each row a distribution over the sentence's keys; rows beyond a sentence's end are zero.
at::Tensor attention_weights(const AttentionInput& input);

}  // namespace heed
