#pragma once

#include <gtest/gtest.h>

#include "tests/support/aten_ops.h"

namespace heed {

/// Same shape, and nowhere further apart than `relative` times the largest value of `expected`
/// (at least 1e-3, so that a tensor of zeros has a tolerance too).
inline testing::AssertionResult close_to(const at::Tensor& actual, const at::Tensor& expected,
                                         double relative = 1e-5) {
  if (actual.sizes() != expected.sizes())
    return testing::AssertionFailure() << actual.sizes() << " instead of " << expected.sizes();
  if (expected.numel() == 0) return testing::AssertionSuccess();
  const double scale = std::max(1e-3, expected.abs().max().item<double>());
  const double distance = (actual - expected).abs().max().item<double>();
  if (distance <= relative * scale) return testing::AssertionSuccess();  // false for NaN
  return testing::AssertionFailure() << "off by " << distance << " where values reach " << scale;
}

inline bool is_finite(const at::Tensor& tensor) {
  return at::isfinite(tensor).all().item<bool>();
}

}  // namespace heed
