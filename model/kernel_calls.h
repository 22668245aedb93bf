#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "model/functions.h"
#include "model/kernels/kernels.h"

/// Between tensors and the kernels, which take plain memory.
namespace heed {

/// Calls `body` with a value of the type that `tensor` holds: float or BFloat16.
template <typename Body>
decltype(auto) with_type(const at::Tensor& tensor, const Body& body) {
  if (tensor.scalar_type() == at::kFloat) return body(float{});
  TORCH_CHECK(tensor.scalar_type() == at::kBFloat16, "kernels take float and bfloat16, not ",
              tensor.scalar_type());
  return body(BFloat16{});
}

template <typename T>
const T* read(const at::Tensor& tensor) {
  return tensor.defined() ? static_cast<const T*>(tensor.const_data_ptr()) : nullptr;
}

template <typename T>
T* write(const at::Tensor& tensor) {
  return tensor.defined() ? static_cast<T*>(tensor.mutable_data_ptr()) : nullptr;
}

/// The buffer that a parameter's gradient is added to; null when it requires none.
inline float* grad_of(const at::Tensor& parameter) {
  if (!parameter.requires_grad()) return nullptr;
  TORCH_CHECK(parameter.grad().defined(), "a parameter without room for its gradient");
  return parameter.grad().mutable_data_ptr<float>();
}

/// Memory for the calling thread's use until it asks for the same slot again; grows, never shrinks.
enum class Scratch {
  kPacked,
  kProduct,
  kAttention,
  kLogits,
  kLogitGrads,
  kPackedBack,
  kMatrix,
  kMatrixUpdate,
  kCount
};
std::uint32_t* scratch(Scratch slot, std::int64_t words);

DropoutMask make_mask(const Dropout& dropout);

/// Packs `weight` [columns, k], transposed, into this thread's scratch memory.
template <typename T>
Packed pack_transposed(const at::Tensor& weight) {
  const std::int64_t columns = weight.size(0);
  const std::int64_t k = weight.size(1);
  std::uint32_t* room = scratch(Scratch::kPacked, kernels<T>().pack_size(k, columns));
  return kernels<T>().pack_transposed(read<T>(weight), k, k, columns, room);
}

/// Packs `weight` [k, columns] as it is.
template <typename T>
Packed pack(const at::Tensor& weight, Scratch slot = Scratch::kPacked) {
  const std::int64_t k = weight.size(0);
  const std::int64_t columns = weight.size(1);
  std::uint32_t* room = scratch(slot, kernels<T>().pack_size(k, columns));
  return kernels<T>().pack(read<T>(weight), columns, k, columns, room);
}

/// weight_grad [m, n] += a^T b.
template <typename T>
void add_product(const T* a, std::int64_t m, std::int64_t a_stride, const T* b, std::int64_t n,
                 std::int64_t k, float* weight_grad) {
  std::uint32_t* room = scratch(Scratch::kProduct, kernels<T>().product_workspace(n));
  kernels<T>().add_product(a, m, a_stride, b, n, n, k, weight_grad, room);
}

}  // namespace heed
