#include "model/kernels/isa_kernels.h"

namespace heed::isa::HEED_ISA {
namespace {

/// What the rows of a pair are turned into: exponentials of the logits' distances from the highest,
/// and sums over the row.
struct RowSums {
  float highest = 0.0F;
  float exponentials = 0.0F;
  float shifted = 0.0F;      // of the distances
  float differences = 0.0F;  // of the exponentials times the differences from the other row
};

HEED_INLINE float highest_of(const float* logits, std::int64_t size) {
  constexpr float kLowest = -3.402823466e38F;
  Floats top = broadcast(kLowest);
  for (std::int64_t i = 0; i < size; i += kLanes)
    top = maximum(top, fill_after(load_part(logits + i, size - i), size - i, kLowest));
  return largest(top);
}

template <typename T>
double loss_row(float* logits, std::int64_t size, std::int64_t target, double smoothing, T* grad) {
  const float target_logit = logits[target];
  const float highest = highest_of(logits, size);
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

RowSums sum_row(const float* logits, const float* others, std::int64_t size) {
  RowSums sums;
  sums.highest = highest_of(logits, size);
  Floats exponentials{};
  Floats shifted_logits{};
  Floats differences{};
  for (std::int64_t i = 0; i < size; i += kLanes) {
    const Floats logit = load_part(logits + i, size - i);
    const Floats shifted = fill_after(logit - sums.highest, size - i, 0.0F);
    const Floats e = fill_after(exponential(shifted), size - i, 0.0F);
    exponentials += e;
    shifted_logits += shifted;
    differences += e * (logit - load_part(others + i, size - i));
  }
  sums.exponentials = sum(exponentials);
  sums.shifted = sum(shifted_logits);
  sums.differences = sum(differences);
  return sums;
}

double cross_entropy(const RowSums& sums, float target_logit, std::int64_t size, double smoothing) {
  const auto classes = static_cast<double>(size);
  const double log_sum = __builtin_log(static_cast<double>(sums.exponentials));
  const double target_loss = log_sum - (static_cast<double>(target_logit) - sums.highest);
  const double uniform_loss = log_sum - static_cast<double>(sums.shifted) / classes;
  return (1.0 - smoothing) * target_loss + smoothing * uniform_loss;
}

template <typename T>
PairLoss pair_loss_rows(const float* first, const float* second, std::int64_t size,
                        std::int64_t target, double smoothing, double consistency, T* first_grad,
                        T* second_grad) {
  const RowSums a = sum_row(first, second, size);
  const RowSums b = sum_row(second, first, size);
  const float a_scale = 1.0F / a.exponentials;
  const float b_scale = 1.0F / b.exponentials;
  // Of log p - log q, whose constant cancels: sum of (p - q) (first - second) is KL both ways.
  const float a_mean = a.differences * a_scale;
  const float b_mean = b.differences * b_scale;
  const auto shift = static_cast<float>(0.5 * smoothing / static_cast<double>(size));
  const auto weight = static_cast<float>(0.25 * consistency);
  for (std::int64_t i = 0; i < size; i += kLanes) {
    const Floats x = load_part(first + i, size - i);
    const Floats y = load_part(second + i, size - i);
    const Floats p = exponential(x - a.highest) * a_scale;
    const Floats q = exponential(y - b.highest) * b_scale;
    const Floats apart = p - q;
    const Floats difference = x - y;
    store_part(first_grad + i, p * 0.5F - shift + (apart + p * (difference - a_mean)) * weight,
               size - i);
    store_part(second_grad + i, q * 0.5F - shift - (apart + q * (difference + b_mean)) * weight,
               size - i);
  }
  const auto of_target = static_cast<float>(0.5 * (1.0 - smoothing));
  const auto take_off = [&](T* grad, float logit, float other, const RowSums& sums, float scale,
                            const RowSums& others, float other_scale, float mean) {
    const Floats p = exponential(broadcast(logit - sums.highest)) * scale;
    const Floats q = exponential(broadcast(other - others.highest)) * other_scale;
    const Floats pull = (p - q + p * (logit - other - mean)) * weight;
    store_part(grad + target, p * 0.5F - shift - of_target + pull, 1);
  };
  take_off(first_grad, first[target], second[target], a, a_scale, b, b_scale, a_mean);
  take_off(second_grad, second[target], first[target], b, b_scale, a, a_scale, b_mean);
  return {0.5 * (cross_entropy(a, first[target], size, smoothing) +
                 cross_entropy(b, second[target], size, smoothing)),
          0.5 * (static_cast<double>(a_mean) + static_cast<double>(b_mean))};
}

}  // namespace

template <typename T>
void add_loss_kernels(Kernels<T>& table) {
  table.loss_row = loss_row<T>;
  table.pair_loss_rows = pair_loss_rows<T>;
}

template void add_loss_kernels(Kernels<float>&);
template void add_loss_kernels(Kernels<BFloat16>&);

}  // namespace heed::isa::HEED_ISA
