#include "model/kernels/isa_kernels.h"

namespace heed::isa::HEED_ISA {
namespace {

void adam(const AdamStep& step, std::int64_t size, float* value, const float* grad, float* first,
          float* second) {
  for (std::int64_t i = 0; i < size; ++i) {
    const float g = grad[i] * step.grad_scale;
    first[i] = step.beta1 * first[i] + step.rest1 * g;
    second[i] = step.beta2 * second[i] + step.rest2 * g * g;
    const float denominator = __builtin_sqrtf(second[i]) * step.second_scale + step.epsilon;
    value[i] -= step.step_size * first[i] / denominator + step.decay * value[i];
  }
}

double sum_of_squares(const float* values, std::int64_t size) {
  double total[8] = {};  // eight sums at a time: one would wait for each addition
  std::int64_t i = 0;
  for (; i + 8 <= size; i += 8)
    for (int lane = 0; lane < 8; ++lane)
      total[lane] += static_cast<double>(values[i + lane]) * static_cast<double>(values[i + lane]);
  for (; i < size; ++i) total[0] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  return ((total[0] + total[1]) + (total[2] + total[3])) +
         ((total[4] + total[5]) + (total[6] + total[7]));
}

void add(float* sum, const float* other, std::int64_t size) {
  for (std::int64_t i = 0; i < size; ++i) sum[i] += other[i];
}

void approach(float* value, const float* target, std::int64_t size, float rate) {
  for (std::int64_t i = 0; i < size; ++i) value[i] += rate * (target[i] - value[i]);
}

void to_bfloat16(const float* from, std::int64_t size, BFloat16* to) {
  for (std::int64_t i = 0; i < size; i += kLanes)
    store_part(to + i, load_part(from + i, size - i), size - i);
}

}  // namespace

void add_flat_kernels(FlatKernels& table) {
  table.adam = adam;
  table.sum_of_squares = sum_of_squares;
  table.add = add;
  table.approach = approach;
  table.to_bfloat16 = to_bfloat16;
}

}  // namespace heed::isa::HEED_ISA
