#pragma once

#include <cstdint>

#include "model/activation.h"

/// Kernels for translating: products of float rows with weights that were packed once, in one of
/// three precisions, and attention of single queries. Rows of activations stay in float between
/// them; one thread each.
namespace heed {

struct BFloat16;

/// Rows of the left matrix of a product as one precision reads them: words of 32 bits that hold a
/// float, a pair of bfloat16, or four signed bytes.
struct Operand {
  std::uint32_t* words = nullptr;  // [rows, row_words]
  std::int64_t row_words = 0;
  float* scales = nullptr;       // [rows]; of bytes: value = scale * byte
  std::int32_t* sums = nullptr;  // [rows]; of bytes: the sum of the row's
};

/// The right-hand matrix of a product, [k, columns], in panels. Of bytes, unsigned with 128 for
/// zero: value = scales[column] * (byte - 128).
struct PackedWeight {
  const std::uint32_t* words = nullptr;
  const float* scales = nullptr;
  std::int64_t k = 0;
  std::int64_t columns = 0;
};

/// What becomes of a product: out = activation(product + bias), or out += product + bias.
struct ProductOutput {
  float* out = nullptr;
  std::int64_t stride = 0;
  const float* bias = nullptr;  // null: none
  const Activation* activation = nullptr;
  bool add = false;
};

/// Layer normalisation of rows, epsilon 1e-5.
struct NormInput {
  const float* x = nullptr;
  std::int64_t rows = 0;
  std::int64_t size = 0;
  const float* weight = nullptr;
  const float* bias = nullptr;
};

/// Products in one precision.
struct InferenceProducts {
  std::int64_t per_word;  // elements in a word

  /// Words that the transpose of a [columns, k] matrix takes.
  std::int64_t (*pack_size)(std::int64_t k, std::int64_t columns);
  /// Lays out the transpose of `matrix` [columns, k], on a 64-byte boundary; `scales` [columns] is
  /// written to by bytes only.
  PackedWeight (*pack)(const float* matrix, std::int64_t k, std::int64_t columns, std::uint32_t* to,
                       float* scales);
  /// Rows x [rows, size], `stride` apart.
  void (*convert)(const float* x, std::int64_t stride, std::int64_t rows, std::int64_t size,
                  const Operand& to);
  /// The normalised rows; in float they go to `normed`, too, `normed_stride` apart (it may be x;
  /// with a stride of 0 only the last stays).
  void (*norm)(const NormInput& input, float* normed, std::int64_t normed_stride,
               const Operand& to);
  /// Rows of `a` by `b`; result [rows, columns].
  void (*multiply)(const Operand& a, std::int64_t rows, const PackedWeight& b,
                   const ProductOutput& output);
};

/// Self-attention of one new position. Keys and values of former positions stay where they were
/// written: those of position t of a hypothesis are row ancestors[t] of blocks[t].
template <typename T>
struct StepSelfAttention {
  std::int64_t rows = 0;
  std::int64_t heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t positions = 0;      // the new one counted
  const float* queries = nullptr;  // row r at queries + r * query_stride
  std::int64_t query_stride = 0;
  const T* const* blocks = nullptr;         // [positions]: rows of keys, then values: [2 * d_model]
  const std::int32_t* ancestors = nullptr;  // [rows, ancestor_stride]
  std::int64_t ancestor_stride = 0;
  float* out = nullptr;        // [rows, d_model]
  float* workspace = nullptr;  // heads * positions rounded up to 16
};

/// Cross-attention of the hypotheses of one sentence.
template <typename T>
struct StepCrossAttention {
  std::int64_t rows = 0;
  std::int64_t heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t src_len = 0;
  const float* queries = nullptr;       // [rows, d_model]
  const std::uint32_t* keys = nullptr;  // as pack_keys laid them out
  const T* values = nullptr;            // [src_len, d_model]
  float* out = nullptr;                 // [rows, d_model]
  float* weights = nullptr;             // [rows, src_len], the mean of the heads'; null: not wanted
  float* workspace = nullptr;           // rows * (src_len rounded up to 16) + rows * head_dim
};

/// What depends on the type that keys and values are kept in.
template <typename T>
struct StepAttentionKernels {
  /// Words that the keys of a sentence take.
  std::int64_t (*keys_size)(std::int64_t src_len, std::int64_t heads, std::int64_t head_dim);
  /// Lays out keys [src_len, d_model], `stride` apart, transposed head by head.
  void (*pack_keys)(const float* keys, std::int64_t stride, std::int64_t src_len,
                    std::int64_t heads, std::int64_t head_dim, std::uint32_t* to);
  /// Rounds `size` floats.
  void (*store)(const float* from, std::int64_t size, T* to);
  void (*self)(const StepSelfAttention<T>& arguments);
  void (*cross)(const StepCrossAttention<T>& arguments);
};

/// What the search does with a row of scores.
struct RowKernels {
  /// The largest of every 64th value, from each of the first 64 on: any n of these are n lower
  /// bounds of the n largest values.
  void (*maxima)(const float* values, std::int64_t size, float* maxima);
  /// log of the sum of exp(value), none of which is larger than `largest`.
  double (*log_sum_exp)(const float* values, std::int64_t size, float largest);
  /// The places of all values that are at least `threshold`, ascending; returns their number.
  std::int64_t (*collect)(const float* values, std::int64_t size, float threshold,
                          std::int32_t* places);
  /// sums += exp(value - log_sum), which is at least exp(-87).
  void (*add_probabilities)(const float* values, std::int64_t size, float log_sum, float* sums);
  /// log(value) - shift in place of positive values, none below 1e-38.
  void (*logarithms)(float* values, std::int64_t size, float shift);
};

struct InferenceKernels {
  InferenceProducts fp32;
  InferenceProducts bf16;
  InferenceProducts int8;
  bool has_int8_products;  // the instruction set multiplies four bytes at once
  StepAttentionKernels<float> attention_fp32;
  StepAttentionKernels<BFloat16> attention_bf16;
  RowKernels rows;
};

}  // namespace heed
