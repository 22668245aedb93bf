#include "model/adam.h"

#include <algorithm>
#include <cmath>

#include "model/aten_ops.h"
#include "model/kernels/kernels.h"

namespace heed {
namespace {

/// The same update by ATen, for buffers that are not in the CPU's memory.
void adam_on_device(const AdamStep& step, at::Tensor value, const at::Tensor& grad,
                    at::Tensor first, at::Tensor second) {
  const at::Tensor g = grad * step.grad_scale;
  first.mul_(step.beta1).add_(g, step.rest1);
  second.mul_(step.beta2).addcmul_(g, g, step.rest2);
  const at::Tensor denominator = second.sqrt().mul_(step.second_scale).add_(step.epsilon);
  value.mul_(1.0F - step.decay).addcdiv_(first, denominator, -step.step_size);
}

}  // namespace

Adam::Adam(const AdamOptions& options, const at::Tensor& values)
    : first_moment(at::zeros_like(values)),
      second_moment(at::zeros_like(values)),
      options_(options) {
  if (options.average_decay > 0.0) average = values.detach().clone();
}

/// What the average moves towards the values by.
double Adam::average_rate(std::int64_t update) const {
  const auto u = static_cast<double>(update);
  return 1.0 - std::min(options_.average_decay, u / (9.0 + u));
}

AdamStep Adam::make_step(double grad_scale, double learning_rate, std::int64_t update) const {
  const auto u = static_cast<double>(update);
  AdamStep step{};
  step.beta1 = static_cast<float>(options_.beta1);
  step.beta2 = static_cast<float>(options_.beta2);
  step.rest1 = static_cast<float>(1.0 - options_.beta1);
  step.rest2 = static_cast<float>(1.0 - options_.beta2);
  step.grad_scale = static_cast<float>(grad_scale);
  step.step_size = static_cast<float>(learning_rate / (1.0 - std::pow(options_.beta1, u)));
  step.second_scale = static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(options_.beta2, u)));
  step.epsilon = static_cast<float>(options_.epsilon);
  step.decay = static_cast<float>(learning_rate * options_.weight_decay);
  return step;
}

void Adam::step(const at::Tensor& values, const at::Tensor& grads, double grad_scale,
                double learning_rate, std::int64_t update) {
  step_part(values, grads, 0, values.numel(), grad_scale, learning_rate, update);
}

void Adam::step_part(const at::Tensor& values, const at::Tensor& grads, std::int64_t first,
                     std::int64_t size, double grad_scale, double learning_rate,
                     std::int64_t update) {
  const AdamStep step = make_step(grad_scale, learning_rate, update);
  if (values.is_cpu()) {
    flat_kernels().adam(step, size, values.mutable_data_ptr<float>() + first,
                        grads.const_data_ptr<float>() + first,
                        first_moment.mutable_data_ptr<float>() + first,
                        second_moment.mutable_data_ptr<float>() + first);
  } else {
    adam_on_device(step, values.narrow(0, first, size), grads.narrow(0, first, size),
                   first_moment.narrow(0, first, size), second_moment.narrow(0, first, size));
  }
  move_average(values, first, size, update);
}

void Adam::move_average(const at::Tensor& values, std::int64_t first, std::int64_t size,
                        std::int64_t update) {
  if (!average.defined()) return;
  const double rate = average_rate(update);
  if (values.is_cpu())
    flat_kernels().approach(average.mutable_data_ptr<float>() + first,
                            values.const_data_ptr<float>() + first, size, static_cast<float>(rate));
  else
    average.narrow(0, first, size).lerp_(values.narrow(0, first, size), rate);
}

}  // namespace heed
