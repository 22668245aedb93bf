#pragma once

#include <functional>

#include "tests/support/aten_ops.h"

namespace heed {

/// Derivative of `function` in direction `direction` at the present contents of `x`, by central
/// differences of step `step`; `x` is as before afterwards. `function` reads `x` through views.
inline double directional_difference(const std::function<double()>& function, const at::Tensor& x,
                                     const at::Tensor& direction, double step) {
  const at::Tensor saved = x.detach().clone();
  const at::Tensor values = x.detach();  // shares memory; may be changed though `x` is a leaf
  values.add_(direction, step);
  const double above = function();
  values.copy_(saved).sub_(direction, step);
  const double below = function();
  values.copy_(saved);
  return (above - below) / (2.0 * step);
}

}  // namespace heed
