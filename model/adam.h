#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "model/kernels/kernels.h"
#include "model/optimizer_options.h"

namespace heed {

/// Adam (Kingma & Ba 2015) over flat buffers, one pass over memory an update.
class Adam {
 public:
  Adam(const AdamOptions& options, const at::Tensor& values);

  /// One update of `values` by `grads` * `grad_scale` at `learning_rate`; `update` counts from 1.
  void step(const at::Tensor& values, const at::Tensor& grads, double grad_scale,
            double learning_rate, std::int64_t update);

  /// The same for the elements `first` to `first + size` - 1 only: several threads may each do a
  /// part.
  void step_part(const at::Tensor& values, const at::Tensor& grads, std::int64_t first,
                 std::int64_t size, double grad_scale, double learning_rate, std::int64_t update);

  /// Moves that part of `average` towards `values`; a step has done so already.
  void move_average(const at::Tensor& values, std::int64_t first, std::int64_t size,
                    std::int64_t update);

  // The running means of the gradient and of its square: what a checkpoint keeps.
  at::Tensor first_moment;
  at::Tensor second_moment;
  // The moving average of the values (Polyak & Juditsky 1992), which early on forgets faster, so
  // that the first values don't weigh; undefined without one.
  at::Tensor average;

 private:
  double average_rate(std::int64_t update) const;
  AdamStep make_step(double grad_scale, double learning_rate, std::int64_t update) const;

  AdamOptions options_;
};

}  // namespace heed
