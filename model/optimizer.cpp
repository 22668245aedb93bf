#include "model/optimizer.h"

#include <algorithm>

#include "model/aten_ops.h"

namespace heed {

Optimizer::Optimizer(const OptimizerOptions& options, const ParameterLayout& layout,
                     const at::Tensor& values)
    : adam(options.adam, values), muon_({options.muon_momentum, options.adam.weight_decay}) {
  if (options.kind == OptimizerKind::kMuon) matrices_ = layer_matrices(layout);
  for (const MuonMatrix& matrix : matrices_)
    parts_.push_back({matrix.offset, matrix.numel(), matrix});
  std::int64_t first = 0;
  for (const MuonMatrix& matrix : matrices_) {
    add_range(first, matrix.offset);
    first = matrix.offset + matrix.numel();
  }
  add_range(first, values.numel());
}

void Optimizer::add_range(std::int64_t first, std::int64_t end) {
  if (first < end) ranges_.push_back({first, end - first, {}});
  for (; first < end; first += kStretch)
    parts_.push_back({first, std::min(kStretch, end - first), {}});
}

void Optimizer::step_part(const Part& part, const at::Tensor& values, const at::Tensor& grads,
                          double grad_scale, double learning_rate, std::int64_t update) {
  if (part.matrix.rows == 0)
    return adam.step_part(values, grads, part.first, part.size, grad_scale, learning_rate, update);
  muon_.step(part.matrix, values, grads, adam.first_moment, grad_scale, learning_rate);
  adam.move_average(values, part.first, part.size, update);
}

void Optimizer::step(const at::Tensor& values, const at::Tensor& grads, double grad_scale,
                     double learning_rate, std::int64_t update) {
  if (values.is_cpu()) {
    for (const Part& part : parts_)
      step_part(part, values, grads, grad_scale, learning_rate, update);
    return;
  }
  muon_.step_on_device(matrices_, values, grads, adam.first_moment, grad_scale, learning_rate);
  // Not in stretches: a GPU is asked for each operation of each, and idles meanwhile.
  for (const Part& range : ranges_)
    adam.step_part(values, grads, range.first, range.size, grad_scale, learning_rate, update);
  for (const MuonMatrix& matrix : matrices_)
    adam.move_average(values, matrix.offset, matrix.numel(), update);
}

}  // namespace heed
