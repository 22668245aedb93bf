#include "model/kernels/isa_kernels.h"

namespace heed::isa::HEED_ISA {
namespace {

constexpr std::int64_t kGroups = 64;
constexpr int kGroupVectors = static_cast<int>(kGroups / kLanes);
constexpr float kLowest = -__builtin_inff();

HEED_INLINE Floats load_above(const float* values, std::int64_t count) {
  return count >= kLanes ? load(values) : fill_after(load_part(values, count), count, kLowest);
}

void maxima(const float* values, std::int64_t size, float* results) {
  Floats largest_of[kGroupVectors];
  for (Floats& vector : largest_of) vector = broadcast(kLowest);
  std::int64_t i = 0;
  for (; i + kGroups <= size; i += kGroups)
#pragma GCC unroll 16
    for (int v = 0; v < kGroupVectors; ++v)
      largest_of[v] = maximum(load(values + i + v * kLanes), largest_of[v]);
  for (int v = 0; i + v * kLanes < size; ++v)
    largest_of[v] =
        maximum(load_above(values + i + v * kLanes, size - i - v * kLanes), largest_of[v]);
  for (int v = 0; v < kGroupVectors; ++v) store(results + v * kLanes, largest_of[v]);
}

/// exp(x) for x at most 0, to 3 in 10^7; 0 below -87.
HEED_INLINE Floats exponential_below_one(Floats x) {
#if defined(__AVX512F__)
  constexpr float kLog2E = 1.44269504088896341F;
  const __m512 scaled = (__m512)(x * kLog2E);
  // Of the intrinsics the masked kind: with others g++ 12 warns of its own header.
  constexpr __mmask16 kAll = 0xffff;
  const auto fraction =
      (Floats)_mm512_maskz_reduce_ps(kAll, scaled, 0);  // beside the nearest whole
  const __m512 whole = _mm512_maskz_roundscale_ps(kAll, scaled, 0);
  // 2^fraction on [-0.5, 0.5], of least largest relative error.
  Floats p = broadcast(1.327647129e-3F);
  p = p * fraction + 9.675540961e-3F;
  p = p * fraction + 5.550713092e-2F;
  p = p * fraction + 2.402212024e-1F;
  p = p * fraction + 6.931469440e-1F;
  p = p * fraction + 1.000000119F;
  return (Floats)_mm512_maskz_scalef_ps(kAll, (__m512)p, whole);
#else
  return exponential(x);
#endif
}

double log_sum_exp(const float* values, std::int64_t size, float largest_value) {
  Floats totals[4] = {};
  std::int64_t i = 0;
  for (; i + 4 * kLanes <= size; i += 4 * kLanes)
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v)
      totals[v] += exponential_below_one(load(values + i + v * kLanes) - largest_value);
  for (; i < size; i += kLanes) {
    const Floats e = exponential_below_one(load_above(values + i, size - i) - largest_value);
    totals[0] += fill_after(e, size - i, 0.0F);
  }
  const float total = sum((totals[0] + totals[1]) + (totals[2] + totals[3]));
  return static_cast<double>(largest_value) + __builtin_log(static_cast<double>(total));
}

std::int64_t collect(const float* values, std::int64_t size, float threshold,
                     std::int32_t* places) {
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < size; i += kLanes) {
    const Ints found = load_above(values + i, size - i) >= threshold;
#if defined(__AVX512F__)
    std::uint32_t lanes = _mm512_movepi32_mask((__m512i)found);
#elif defined(__AVX2__)
    auto lanes = static_cast<std::uint32_t>(_mm256_movemask_ps((__m256)found));
#else
    std::uint32_t lanes = 0;
    for (int lane = 0; lane < kLanes; ++lane)
      lanes |= (static_cast<std::uint32_t>(found[lane]) & 1U) << lane;
#endif
    if (lanes == 0) continue;
    for (; lanes != 0; lanes &= lanes - 1) {
      const std::int64_t place = i + __builtin_ctz(lanes);
      if (place < size) places[count++] = static_cast<std::int32_t>(place);
    }
  }
  return count;
}

void add_probabilities(const float* values, std::int64_t size, float log_sum, float* sums) {
  for (std::int64_t i = 0; i < size; i += kLanes) {
    const Floats e = exponential(load_part(values + i, size - i) - log_sum);
    store_part(sums + i, load_part(sums + i, size - i) + e, size - i);
  }
}

/// log(x) of normal x above 0, to about 2 units in the last place: that of a power of two, and of m
/// between sqrt(1/2) and sqrt(2), whose log is 2 atanh((m - 1) / (m + 1)), by its series.
HEED_INLINE Floats logarithm(Floats x) {
  constexpr std::int32_t kRootOfHalf = 0x3f3504f3;
  const Ints whole = (bits<Ints>(x) - kRootOfHalf) >> 23;
  const Floats m = bits<Floats>(bits<Ints>(x) - (whole << 23));
  const Floats s = (m - 1.0F) / (m + 1.0F);
  const Floats square = s * s;
  Floats p = broadcast(2.0F / 9.0F);
  p = p * square + 2.0F / 7.0F;
  p = p * square + 2.0F / 5.0F;
  p = p * square + 2.0F / 3.0F;
  p = p * square + 2.0F;
  return p * s + __builtin_convertvector(whole, Floats) * 0.693147180559945F;
}

void logarithms(float* values, std::int64_t size, float shift) {
  for (std::int64_t i = 0; i < size; i += kLanes) {
    const Floats x = fill_after(load_part(values + i, size - i), size - i, 1.0F);
    store_part(values + i, logarithm(x) - shift, size - i);
  }
}

}  // namespace

void add_row_kernels(RowKernels& table) {
  table.maxima = maxima;
  table.log_sum_exp = log_sum_exp;
  table.collect = collect;
  table.add_probabilities = add_probabilities;
  table.logarithms = logarithms;
}

}  // namespace heed::isa::HEED_ISA
