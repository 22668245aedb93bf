#include "model/kernels/isa_kernels.h"

namespace heed::isa::HEED_ISA {
namespace {

template <typename T>
double loss_row(float* logits, std::int64_t size, std::int64_t target, double smoothing, T* grad) {
  const float target_logit = logits[target];
  constexpr float kLowest = -3.402823466e38F;
  Floats top = broadcast(kLowest);
  for (std::int64_t i = 0; i < size; i += kLanes)
    top = maximum(top, fill_after(load_part(logits + i, size - i), size - i, kLowest));
  const float highest = largest(top);
  Floats exponentials{};
  Floats shifted_logits{};
  for (std::int64_t i = 0; i < size; i += kLanes) {
    const Floats shifted = fill_after(load_part(logits + i, size - i) - highest, size - i, 0.0F);
    const Floats e = fill_after(exponential(shifted), size - i, 0.0F);
    exponentials += e;
    shifted_logits += shifted;
    store_part(logits + i, e, size - i);
  }
  const float sum_exp = sum(exponentials);
  const auto classes = static_cast<double>(size);
  const double log_sum = __builtin_log(static_cast<double>(sum_exp));  // of exp(logit - highest)
  const double target_loss = log_sum - (static_cast<double>(target_logit) - highest);
  const double uniform_loss = log_sum - static_cast<double>(sum(shifted_logits)) / classes;
  if (grad != nullptr) {
    const float scale = 1.0F / sum_exp;
    const auto shift = static_cast<float>(smoothing / classes);
    for (std::int64_t i = 0; i < size; i += kLanes)
      store_part(grad + i, load_part(logits + i, size - i) * scale - shift, size - i);
    const float p = logits[target] * scale;
    store_part(grad + target, broadcast(p - shift - static_cast<float>(1.0 - smoothing)), 1);
  }
  return (1.0 - smoothing) * target_loss + smoothing * uniform_loss;
}

}  // namespace

template <typename T>
void add_loss_kernels(Kernels<T>& table) {
  table.loss_row = loss_row<T>;
}

template void add_loss_kernels(Kernels<float>&);
template void add_loss_kernels(Kernels<BFloat16>&);

}  // namespace heed::isa::HEED_ISA
