#pragma once

#include <cstdint>
#include <span>

#include "model/activation.h"
#include "model/kernels/inference_kernels.h"

/// heed's own kernels for the CPU, on plain memory, one thread each. Matrices are row-major. T is
/// float or bfloat16; arithmetic is in float either way. They are compiled for several instruction
/// sets; `kernels<T>()` are the best that this processor has.
namespace heed {

/// The upper half of a float. In memory the same as ATen's.
struct BFloat16 {
  std::uint16_t bits;
};

/// Dropout (Srivastava et al. 2014). Whether an element stays is a function of (key, row, column),
/// so that no mask is stored: backward makes it again.
struct DropoutMask {
  std::uint32_t key = 0;
  std::uint32_t drop_below = 0;  // dropped where a hash of 32 bits is below this
  float scale = 1.0F;            // of what stays: 1 / (1 - probability)
};

/// The right-hand matrix of a product, [k, columns], laid out in panels; see pack_size.
struct Packed {
  const std::uint32_t* words = nullptr;
  std::int64_t k = 0;
  std::int64_t columns = 0;
};

/// In nats.
struct PairLoss {
  double cross_entropy = 0.0;  // label-smoothed, the mean of both rows
  double divergence = 0.0;     // Kullback-Leibler, the mean of both ways
};

/// Attention of several heads over packed sentences: rows q_offsets[s] to q_offsets[s + 1] of the
/// queries attend to rows k_offsets[s] to k_offsets[s + 1] of keys and values.
template <typename T>
struct AttentionArguments {
  std::int64_t batch = 0;
  std::int64_t heads = 0;
  std::int64_t head_dim = 0;
  bool causal = false;  // a query sees keys up to its own position
  const std::int32_t* q_offsets = nullptr;
  const std::int32_t* k_offsets = nullptr;
  // Row r, head h begins at pointer + r * stride + h * head_dim.
  const T* q = nullptr;
  const T* k = nullptr;
  const T* v = nullptr;
  std::int64_t q_stride = 0;
  std::int64_t kv_stride = 0;
  T* out = nullptr;            // [rows, heads * head_dim]
  float* log_sums = nullptr;   // [rows, heads]: log of each row's sum of exp(score)
  DropoutMask dropout;         // on the weights
  float* workspace = nullptr;  // attention_workspace floats
  // Of backward: the gradient of out, and where those of q, k, v go (strides as theirs).
  const T* out_grad = nullptr;
  T* q_grad = nullptr;
  T* k_grad = nullptr;
  T* v_grad = nullptr;
};

/// Rotary positions (Su et al. 2021), in place, of the first `columns` of each row, which are heads
/// side by side. With half = head_dim / 2, elements i and half + i of a head are turned as a pair
/// by the angle whose cosine and sine are angles[position][i] and angles[position][half + i].
struct RotaryArguments {
  std::int64_t rows = 0;
  std::int64_t stride = 0;  // from a row to the next
  std::int64_t columns = 0;
  std::int64_t head_dim = 0;               // even
  const float* angles = nullptr;           // [positions, head_dim]
  const std::int32_t* position = nullptr;  // [rows]; null: all are at the first
  bool is_back = false;                    // by the opposite angles, which is the gradient of it
};

/// sum = x + dropout(y); normed = layer_norm(sum). y may be null: then sum is not written, and is x
/// in backward.
template <typename T>
struct ResidualNormArguments {
  std::int64_t rows = 0;
  std::int64_t size = 0;
  const T* x = nullptr;
  const T* y = nullptr;
  DropoutMask dropout;
  const float* weight = nullptr;
  const float* bias = nullptr;
  T* sum = nullptr;
  T* normed = nullptr;
  float* statistics = nullptr;  // [rows, 2]: mean, 1 / standard deviation
  // Of backward: gradients of both results (that of sum may be null), and where those of x and y
  // (may be null) go; those of weight and bias are added to, unless both are null.
  const T* normed_grad = nullptr;
  const T* sum_grad = nullptr;
  T* x_grad = nullptr;
  T* y_grad = nullptr;
  float* weight_grad = nullptr;
  float* bias_grad = nullptr;
};

/// One pass of Adam over a range of flat buffers, see adam.h.
struct AdamStep {
  float beta1, beta2;
  float rest1, rest2;  // 1 - beta, subtracted in double: beta2 is so near 1 that float loses digits
  float grad_scale;
  float step_size;     // learning_rate / (1 - beta1^update)
  float second_scale;  // 1 / sqrt(1 - beta2^update)
  float epsilon;
  float decay;  // share of the value that is taken off it
};

/// Kernels that work on T.
template <typename T>
struct Kernels {
  /// Words (32 bits) of room that packing a [k, columns] matrix takes, on a 64-byte boundary.
  std::int64_t (*pack_size)(std::int64_t k, std::int64_t columns);
  /// Lays out the transpose of `matrix` [columns, k]; bfloat16 needs an even k and stride.
  Packed (*pack_transposed)(const T* matrix, std::int64_t stride, std::int64_t k,
                            std::int64_t columns, std::uint32_t* to);
  /// Lays out `matrix` [k, columns] itself.
  Packed (*pack)(const T* matrix, std::int64_t stride, std::int64_t k, std::int64_t columns,
                 std::uint32_t* to);
  /// out[m, columns] = a[m, k] * b + bias; bias may be null. bfloat16 needs an even a_stride, and
  /// a's rows to be readable, and zero, up to an even k.
  void (*multiply)(const T* a, std::int64_t m, std::int64_t a_stride, const Packed& b,
                   const float* bias, T* out, std::int64_t out_stride);
  /// The same with a result in float.
  void (*multiply_to_float)(const T* a, std::int64_t m, std::int64_t a_stride, const Packed& b,
                            float* out, std::int64_t out_stride);
  /// Words of room that add_product to n columns takes, on a 64-byte boundary.
  std::int64_t (*product_workspace)(std::int64_t n);
  /// out[m, n] += a^T * b for a [k, m], b [k, n]: the gradient of a weight.
  void (*add_product)(const T* a, std::int64_t m, std::int64_t a_stride, const T* b, std::int64_t n,
                      std::int64_t b_stride, std::int64_t k, float* out, std::uint32_t* workspace);
  /// sums[columns] += the sum of matrix's rows.
  void (*add_column_sums)(const T* matrix, std::int64_t rows, std::int64_t columns, float* sums);

  std::int64_t (*attention_workspace)(std::int64_t longest_keys, std::int64_t head_dim);
  void (*attention_forward)(const AttentionArguments<T>& arguments);
  void (*attention_backward)(const AttentionArguments<T>& arguments);

  void (*rotate)(const RotaryArguments& rotation, T* x);

  void (*residual_norm_forward)(const ResidualNormArguments<T>& arguments);
  void (*residual_norm_backward)(const ResidualNormArguments<T>& arguments);

  /// out = dropout(activation(x)), [rows, size]; may be in place.
  void (*activate)(Activation kind, const T* x, std::int64_t rows, std::int64_t size,
                   const DropoutMask& dropout, T* out);
  /// x_grad from out_grad; `saved` is the forward pass's x, with relu its result. May be in place.
  void (*activate_backward)(Activation kind, const T* saved, const T* out_grad, std::int64_t rows,
                            std::int64_t size, const DropoutMask& dropout, T* x_grad);

  /// out[r] = dropout(table[ids[r]] * scale + positions[position[r]]), [rows, size].
  void (*embed)(const T* table, const std::int64_t* ids, const std::int32_t* position,
                const float* positions, std::int64_t rows, std::int64_t size, float scale,
                const DropoutMask& dropout, T* out);
  /// Adds to table_grad, and to positions_grad unless it is null.
  void (*embed_backward)(const T* out_grad, const std::int64_t* ids, const std::int32_t* position,
                         std::int64_t rows, std::int64_t size, float scale,
                         const DropoutMask& dropout, float* table_grad, float* positions_grad);

  /// The label-smoothed cross entropy of a row of logits, which it uses up, and its gradient p - q,
  /// unless `grad` is null.
  double (*loss_row)(float* logits, std::int64_t size, std::int64_t target, double smoothing,
                     T* grad);
  /// Two rows of logits for one target, see consistent_loss: its value for one target, and its
  /// gradients by both rows.
  PairLoss (*pair_loss_rows)(const float* first, const float* second, std::int64_t size,
                             std::int64_t target, double smoothing, double consistency,
                             T* first_grad, T* second_grad);
};

/// Kernels over flat buffers of parameters.
struct FlatKernels {
  void (*adam)(const AdamStep& step, std::int64_t size, float* value, const float* grad,
               float* first, float* second);
  double (*sum_of_squares)(const float* values, std::int64_t size);
  /// sum += other.
  void (*add)(float* sum, const float* other, std::int64_t size);
  /// value += rate * (target - value).
  void (*approach)(float* value, const float* target, std::int64_t size, float rate);
  void (*to_bfloat16)(const float* from, std::int64_t size, BFloat16* to);
};

/// The kernels of one instruction set.
struct KernelSet {
  const char* name;
  bool has_bf16_products;  // the instruction set multiplies pairs of bfloat16
  Kernels<float> fp32;
  Kernels<BFloat16> bf16;
  FlatKernels flat;
  InferenceKernels inference;
};

/// Those that this processor can run, the best first; the last is portable.
std::span<const KernelSet> kernel_sets();

/// The best set's.
template <typename T>
const Kernels<T>& kernels();
const FlatKernels& flat_kernels();
const InferenceKernels& inference_kernels();

}  // namespace heed
