#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

/// What positions.h computes for one position, for places `start` to `start + len - 1`; in float,
/// on the CPU.
namespace heed {

/// [len, d_model]: what is added to the vectors of tokens.
at::Tensor sinusoidal_positions(std::int64_t start, std::int64_t len, std::int64_t d_model);

/// [len, head_dim]: the cosines and sines of what queries and keys are turned by.
at::Tensor rotary_positions(std::int64_t start, std::int64_t len, std::int64_t head_dim);

}  // namespace heed
