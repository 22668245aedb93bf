#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "model/adam.h"
#include "model/muon.h"
#include "model/optimizer_options.h"

namespace heed {

/// How the parameters of a model move, over flat buffers of one layout. Muon's momentum is the
/// first moment of `adam`, so both resume from the same tensors.
class Optimizer {
 public:
  /// A stretch of the buffers.
  struct Part {
    std::int64_t first = 0;
    std::int64_t size = 0;
    MuonMatrix matrix;  // where it is Muon's; else without rows
  };

  Optimizer(const OptimizerOptions& options, const ParameterLayout& layout,
            const at::Tensor& values);

  /// All elements of the buffers once, in parts of at most kStretch where that is possible.
  /// What takes longest comes first.
  const std::vector<Part>& parts() const { return parts_; }

  /// One update of a part of `values` by `grads` * `grad_scale`, in the CPU's memory: several
  /// threads may each do some. `update` counts from 1.
  void step_part(const Part& part, const at::Tensor& values, const at::Tensor& grads,
                 double grad_scale, double learning_rate, std::int64_t update);

  /// The same of all parts, on any device.
  void step(const at::Tensor& values, const at::Tensor& grads, double grad_scale,
            double learning_rate, std::int64_t update);

  Adam adam;  // with the moments of all parameters and their moving average

 private:
  void add_range(std::int64_t first, std::int64_t end);

  Muon muon_;
  std::vector<MuonMatrix> matrices_;
  std::vector<Part> ranges_;  // what is Adam's, each as long as it gets
  std::vector<Part> parts_;
};

}  // namespace heed
