#include "model/optimizer.h"

#include <cmath>

#include "model/aten_ops.h"
#include "model/dispatch.h"

namespace heed {
namespace {

struct AdamStep {
  float beta1, beta2;
  float rest1, rest2;  // 1 - beta, subtracted in double: beta2 is so near 1 that float loses digits
  float grad_scale;
  float step_size;     // learning_rate / (1 - beta1^update)
  float second_scale;  // 1 / sqrt(1 - beta2^update)
  float epsilon;
  float coupled_decay;    // added to the gradient, times the value
  float decoupled_decay;  // taken off the value
};

HEED_VECTORIZE
void adam_loop(const AdamStep step, std::int64_t size, float* __restrict value,
               const float* __restrict grad, float* __restrict first, float* __restrict second) {
  for (std::int64_t i = 0; i < size; ++i) {
    const float g = grad[i] * step.grad_scale + step.coupled_decay * value[i];
    first[i] = step.beta1 * first[i] + step.rest1 * g;
    second[i] = step.beta2 * second[i] + step.rest2 * g * g;
    const float denominator = __builtin_sqrtf(second[i]) * step.second_scale + step.epsilon;
    value[i] -= step.step_size * first[i] / denominator + step.decoupled_decay * value[i];
  }
}

/// The same update by ATen, for buffers that are not in the CPU's memory.
void adam_on_device(const AdamStep& step, at::Tensor value, const at::Tensor& grad,
                    at::Tensor first, at::Tensor second) {
  const at::Tensor g = grad * step.grad_scale + value * step.coupled_decay;
  first.mul_(step.beta1).add_(g, step.rest1);
  second.mul_(step.beta2).addcmul_(g, g, step.rest2);
  const at::Tensor denominator = second.sqrt().mul_(step.second_scale).add_(step.epsilon);
  value.mul_(1.0F - step.decoupled_decay).addcdiv_(first, denominator, -step.step_size);
}

HEED_VECTORIZE
double sum_of_squares(const float* values, std::int64_t size) {
  double total = 0.0;
  for (std::int64_t i = 0; i < size; ++i)
    total += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  return total;
}

}  // namespace

Adam::Adam(const AdamOptions& options, const at::Tensor& values)
    : first_moment(at::zeros_like(values)),
      second_moment(at::zeros_like(values)),
      options_(options) {}

void Adam::step(const at::Tensor& values, const at::Tensor& grads, double grad_scale,
                double learning_rate, std::int64_t update) {
  const auto u = static_cast<double>(update);
  const double decay = options_.weight_decay;
  AdamStep step{};
  step.beta1 = static_cast<float>(options_.beta1);
  step.beta2 = static_cast<float>(options_.beta2);
  step.rest1 = static_cast<float>(1.0 - options_.beta1);
  step.rest2 = static_cast<float>(1.0 - options_.beta2);
  step.grad_scale = static_cast<float>(grad_scale);
  step.step_size = static_cast<float>(learning_rate / (1.0 - std::pow(options_.beta1, u)));
  step.second_scale = static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(options_.beta2, u)));
  step.epsilon = static_cast<float>(options_.epsilon);
  step.coupled_decay = options_.decoupled_weight_decay ? 0.0F : static_cast<float>(decay);
  step.decoupled_decay =
      options_.decoupled_weight_decay ? static_cast<float>(learning_rate * decay) : 0.0F;
  if (!values.is_cpu()) return adam_on_device(step, values, grads, first_moment, second_moment);
  adam_loop(step, values.numel(), values.mutable_data_ptr<float>(), grads.const_data_ptr<float>(),
            first_moment.mutable_data_ptr<float>(), second_moment.mutable_data_ptr<float>());
}

double norm(const at::Tensor& flat) {
  if (!flat.is_cpu()) return flat.norm().item<double>();
  return std::sqrt(sum_of_squares(flat.const_data_ptr<float>(), flat.numel()));
}

}  // namespace heed
