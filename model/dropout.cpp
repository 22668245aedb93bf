#include "model/dropout.h"

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "model/aten_ops.h"
#include "model/dispatch.h"

namespace heed {
namespace {

std::uint64_t mix(std::uint64_t x) {  // the finalizer of SplitMix64 (Steele et al. 2014)
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// A 32-bit hash of an index: a bijection with low bias, two multiplications, so that the loop
/// around it becomes vector code.
inline std::uint32_t hash32(std::uint32_t x) {
  x = (x ^ (x >> 16)) * 0x21f0aaadU;
  x = (x ^ (x >> 15)) * 0x735a2d97U;
  return x ^ (x >> 15);
}

HEED_VECTORIZE
void masked_scale(const float* in, float* out, std::int64_t size, std::uint32_t key,
                  std::uint32_t drop_below, float scale) {
  for (std::int64_t i = 0; i < size; ++i) {
    const std::uint32_t bits = hash32(static_cast<std::uint32_t>(i) * 0x9e3779b9U + key);
    out[i] = bits < drop_below ? 0.0F : in[i] * scale;
  }
}

at::Tensor apply_mask(const at::Tensor& x, double probability, std::uint64_t seed) {
  const at::Tensor in = x.contiguous();
  at::Tensor out = at::empty_like(in);
  // Within one mask the index is hashed with 32 bits; the high half of the seed enters each
  // stretch of 2^32 elements apart, so that even the largest tensors don't repeat.
  const auto drop_below = static_cast<std::uint32_t>(probability * 4294967296.0);
  const auto scale = static_cast<float>(1.0 / (1.0 - probability));
  constexpr std::int64_t kStretch = std::int64_t{1} << 32;
  for (std::int64_t start = 0; start < in.numel(); start += kStretch) {
    const auto key = static_cast<std::uint32_t>(mix(seed + static_cast<std::uint64_t>(start)));
    masked_scale(in.const_data_ptr<float>() + start, out.mutable_data_ptr<float>() + start,
                 std::min(kStretch, in.numel() - start), key, drop_below, scale);
  }
  return out;
}

class DropoutFunction : public torch::autograd::Function<DropoutFunction> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x,
                            double probability, std::int64_t seed) {
    context->saved_data["probability"] = probability;
    context->saved_data["seed"] = seed;
    return apply_mask(x, probability, static_cast<std::uint64_t>(seed));
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list grads) {
    const double probability = context->saved_data["probability"].toDouble();
    const auto seed = static_cast<std::uint64_t>(context->saved_data["seed"].toInt());
    return {apply_mask(grads[0], probability, seed), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

DropoutStream::DropoutStream(std::uint64_t seed, std::uint64_t update, std::uint64_t shard)
    : state_(mix(mix(mix(seed + 1) + update) + shard)) {}

std::uint64_t DropoutStream::next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  return mix(state_);
}

at::Tensor dropout(const at::Tensor& x, double probability, std::uint64_t seed) {
  if (probability == 0.0) return x;
  // The generator's loop is a CPU kernel; on another device ATen's own dropout serves.
  if (!x.is_cpu()) return at::dropout(x, probability, /*train=*/true);
  return DropoutFunction::apply(x, probability, static_cast<std::int64_t>(seed));
}

}  // namespace heed
