#pragma once

#include "model/kernels/simd.h"

/// Layer normalisation (Ba et al. 2016) of a row whose mean is known.
namespace heed::isa::HEED_ISA {
namespace {

constexpr float kLayerNormEpsilon = 1e-5F;

struct RowStatistics {
  float mean;
  float inverse;  // 1 / standard deviation
};

template <typename T>
HEED_INLINE float inverse_deviation(const T* row, std::int64_t size, float mean) {
  Floats squares{};
  for (std::int64_t i = 0; i < size; i += kLanes) {
    const std::int64_t count = size - i;
    const Floats distance = fill_after(load_part(row + i, count) - mean, count, 0.0F);
    squares += distance * distance;
  }
  return 1.0F / __builtin_sqrtf(sum(squares) / static_cast<float>(size) + kLayerNormEpsilon);
}

template <typename T>
HEED_INLINE void write_normed(const T* row, std::int64_t size, const RowStatistics& statistics,
                              const float* weight, const float* bias, T* normed) {
  for (std::int64_t i = 0; i < size; i += kLanes) {
    const std::int64_t count = size - i;
    const Floats normalised = (load_part(row + i, count) - statistics.mean) * statistics.inverse;
    store_part(normed + i, normalised * load_part(weight + i, count) + load_part(bias + i, count),
               count);
  }
}

}  // namespace
}  // namespace heed::isa::HEED_ISA
