#include "model/loss.h"

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>

#include "model/aten_ops.h"
#include "model/dispatch.h"
#include "model/vector_math.h"

namespace heed {
namespace {

struct RowSums {
  float max;
  float sum_exp;    // of exp(logit - max)
  float sum_logit;  // of logit - max
};

/// One pass for the maximum, one that turns the row into exp(logit - max) and sums.
HEED_VECTORIZE
RowSums exponentiate(float* row, std::int64_t size) {
  float max = row[0];
  for (std::int64_t i = 1; i < size; ++i) max = row[i] > max ? row[i] : max;
  float sum_exp = 0.0F;
  float sum_logit = 0.0F;
  for (std::int64_t i = 0; i < size; ++i) {
    const float shifted = row[i] - max;
    const float e = fast_exp(shifted);
    sum_logit += shifted;
    sum_exp += e;
    row[i] = e;
  }
  return {max, sum_exp, sum_logit};
}

HEED_VECTORIZE
void scale_and_shift(float* row, std::int64_t size, float scale, float shift) {
  for (std::int64_t i = 0; i < size; ++i) row[i] = row[i] * scale + shift;
}

/// Turns one row of logits into the gradient of its loss, p - q with q the smoothed target, and
/// returns the loss.
double loss_row(float* row, std::int64_t vocab_size, std::int64_t target, double smoothing) {
  const auto size = static_cast<double>(vocab_size);
  const float target_logit = row[target];
  const RowSums sums = exponentiate(row, vocab_size);
  const double log_sum = std::log(static_cast<double>(sums.sum_exp));  // of exp(logit - max)
  const double target_loss = log_sum - (static_cast<double>(target_logit) - sums.max);
  const double uniform_loss = log_sum - static_cast<double>(sums.sum_logit) / size;
  scale_and_shift(row, vocab_size, 1.0F / sums.sum_exp, static_cast<float>(-smoothing / size));
  row[target] -= static_cast<float>(1.0 - smoothing);
  return (1.0 - smoothing) * target_loss + smoothing * uniform_loss;
}

class LossFunction : public torch::autograd::Function<LossFunction> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& logits,
                            const at::Tensor& tgt_out, std::int64_t ignored_id, double smoothing) {
    at::Tensor grad = logits.is_contiguous() ? logits.detach() : logits.contiguous();
    const std::int64_t vocab_size = grad.size(1);
    const at::Tensor target_ids = tgt_out.contiguous();
    const auto* targets = target_ids.const_data_ptr<std::int64_t>();
    double total = 0.0;
    for (std::int64_t token = 0; token < grad.size(0); ++token) {
      float* row = grad.mutable_data_ptr<float>() + token * vocab_size;
      const std::int64_t target = targets[token];
      if (target == ignored_id) {
        std::fill(row, row + vocab_size, 0.0F);
        continue;
      }
      TORCH_CHECK_INDEX(target >= 0 && target < vocab_size, "target token ", target,
                        " is not in the vocabulary of ", vocab_size);
      total += loss_row(row, vocab_size, target, smoothing);
    }
    context->saved_data["grad"] = grad;
    return at::full({}, total, at::kDouble);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list grads) {
    at::Tensor grad = context->saved_data["grad"].toTensor();
    const double scale = grads[0].item<double>();
    if (scale != 1.0) grad.mul_(scale);
    return {grad, at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

at::Tensor reference_loss(const at::Tensor& logits, const at::Tensor& tgt_out,
                          std::int64_t ignored_id, double smoothing) {
  return at::cross_entropy_loss(logits, tgt_out, {}, at::Reduction::Sum, ignored_id, smoothing)
      .to(at::kDouble);
}

}  // namespace

at::Tensor label_smoothed_cross_entropy(const at::Tensor& logits, const at::Tensor& tgt_out,
                                        std::int64_t ignored_id, double smoothing) {
  if (!logits.is_cpu()) return reference_loss(logits, tgt_out, ignored_id, smoothing);
  return LossFunction::apply(logits, tgt_out, ignored_id, smoothing);
}

}  // namespace heed
