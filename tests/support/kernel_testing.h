#pragma once

#include <ATen/Parallel.h>

#include <type_traits>

#include "model/kernel_calls.h"
#include "tests/support/tensor_matchers.h"

namespace heed {

template <typename T>
inline constexpr at::ScalarType kTypeOf = std::is_same_v<T, float> ? at::kFloat : at::kBFloat16;

/// What rounding a result to T may cost, relative to the largest value.
template <typename T>
inline constexpr double kRounding = std::is_same_v<T, float> ? 1e-5 : 1.0 / 256.0;

/// The same where bfloat16 is rounded on the way too.
template <typename T>
inline constexpr double kTolerance = std::is_same_v<T, float> ? 1e-5 : 1.0 / 128.0;

/// Calls `body` with the kernels for float and for bfloat16 of every set that this processor runs.
template <typename Body>
void for_each_kernels(const Body& body) {
  at::set_num_threads(1);  // ATen's small products wait for each other where other tests run too
  for (const KernelSet& set : kernel_sets()) {
    SCOPED_TRACE(set.name);
    body(set.fp32);
    SCOPED_TRACE("bfloat16");
    body(set.bf16);
  }
}

/// Random tensors, the same in every run.
class Draw {
 public:
  explicit Draw(std::uint64_t seed = 1)
      : generator_(at::make_generator<at::CPUGeneratorImpl>(seed)) {}

  at::Tensor operator()(at::IntArrayRef shape, at::ScalarType type = at::kFloat) {
    return at::randn(shape, generator_).to(type);
  }

  at::Tensor integers(std::int64_t below, at::IntArrayRef shape) {
    return at::randint(0, below, shape, generator_, at::kLong);
  }

 private:
  at::Generator generator_;
};

inline double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return a.numel() == 0 ? 0.0 : (a - b).abs().max().item<double>();
}

/// A copy in double that gradients are wanted of.
inline at::Tensor exact_leaf(const at::Tensor& tensor) {
  return tensor.detach().to(at::kDouble).clone().requires_grad_();
}

/// What `dropout` multiplies rows of `size` elements by: the same in every set and type.
inline at::Tensor mask_factors(std::int64_t rows, std::int64_t size, const DropoutMask& dropout) {
  at::Tensor mask = at::ones({rows, size});
  kernels<float>().activate(Activation::kRelu, read<float>(mask), rows, size, dropout,
                            write<float>(mask));
  return mask;
}

}  // namespace heed
