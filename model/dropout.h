#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace heed {

/// Seeds of the dropout masks of one forward pass: a pure function of (seed, update, shard) and of
/// how many masks were drawn before, so that a resumed run draws what an uninterrupted one would.
class DropoutStream {
 public:
  DropoutStream(std::uint64_t seed, std::uint64_t update, std::uint64_t shard);

  std::uint64_t next();

 private:
  std::uint64_t state_;
};

/// Dropout (Srivastava et al. 2014): each element of `x` is zero with `probability`, in [0, 1),
/// otherwise scaled by 1 / (1 - probability). The mask is a function of `seed` and the element's
/// index; it is made again in the backward pass rather than kept.
at::Tensor dropout(const at::Tensor& x, double probability, std::uint64_t seed);

}  // namespace heed
