#pragma once

#include "model/kernels/simd.h"

/// The activations of feed-forward layers and their slopes.
namespace heed::isa::HEED_ISA {
namespace {

/// The error function to 1.5e-7 (Abramowitz & Stegun 1964, 7.1.26).
HEED_INLINE Floats error_function(Floats x) {
  const Floats size = x < 0.0F ? -x : x;
  const Floats t = 1.0F / (1.0F + 0.3275911F * size);
  Floats p = broadcast(1.061405429F);
  p = p * t - 1.453152027F;
  p = p * t + 1.421413741F;
  p = p * t - 0.284496736F;
  p = p * t + 0.254829592F;
  const Floats result = 1.0F - p * t * exponential(-size * size);
  return x < 0.0F ? -result : result;
}

constexpr float kInverseSqrt2 = 0.70710678118654752F;
constexpr float kInverseSqrt2Pi = 0.39894228040143268F;

struct Relu {
  static HEED_INLINE Floats value(Floats x) { return maximum(Floats{}, x); }
};

/// x Phi(x), Phi the normal distribution's (Hendrycks & Gimpel 2016).
struct Gelu {
  static HEED_INLINE Floats cumulative(Floats x) {
    return 0.5F + 0.5F * error_function(x * kInverseSqrt2);
  }
  static HEED_INLINE Floats value(Floats x) { return x * cumulative(x); }
  static HEED_INLINE Floats slope(Floats x) {
    return cumulative(x) + x * exponential(-0.5F * x * x) * kInverseSqrt2Pi;
  }
};

/// x sigmoid(x) (Ramachandran et al. 2017).
struct Swish {
  static HEED_INLINE Floats sigmoid(Floats x) { return 1.0F / (1.0F + exponential(-x)); }
  static HEED_INLINE Floats value(Floats x) { return x * sigmoid(x); }
  static HEED_INLINE Floats slope(Floats x) {
    const Floats s = sigmoid(x);
    return s * (1.0F + x * (1.0F - s));
  }
};

/// Calls `body` with the function of `kind`.
template <typename Body>
HEED_INLINE void with_function(Activation kind, const Body& body) {
  switch (kind) {
    case Activation::kRelu:
      return body(Relu{});
    case Activation::kGelu:
      return body(Gelu{});
    case Activation::kSwish:
      return body(Swish{});
  }
}

}  // namespace
}  // namespace heed::isa::HEED_ISA
