#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

namespace heed {

/// exp(x) to about 2 units in the last place for x in [-87, 88], clamped outside: range reduction
/// by powers of two and a polynomial of degree 6 (Cody & Waite 1980). Branch-free, so that a loop
/// over it becomes vector code, which a call of std::exp prevents.
inline float fast_exp(float x) {
  x = std::min(std::max(x, -87.0F), 88.0F);
  constexpr float kLog2E = 1.44269504088896341F;
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: adding it rounds to the nearest integer
  const float shifted = x * kLog2E + kRound;
  const float n = shifted - kRound;
  const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;  // ln 2 in two parts
  float p = 1.0F / 720.0F;
  p = p * r + 1.0F / 120.0F;
  p = p * r + 1.0F / 24.0F;
  p = p * r + 1.0F / 6.0F;
  p = p * r + 0.5F;
  p = p * r + 1.0F;
  p = p * r + 1.0F;
  const auto exponent = static_cast<std::int32_t>(n) + 127;
  return p * std::bit_cast<float>(exponent << 23);
}

}  // namespace heed
