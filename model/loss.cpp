#include "model/loss.h"

#include <algorithm>

#include "model/aten_ops.h"
#include "model/kernel_calls.h"
#include "model/reference_functions.h"

namespace heed {
namespace {

// Rows whose logits exist at a time, in float: few, to stay near the processor.
constexpr std::int64_t kLogitRows = 64;
// Rows whose gradients by logits do: as many as make the products with them efficient.
constexpr std::int64_t kGradientRows = 256;

void check_targets(const at::Tensor& targets, std::int64_t vocab_size) {
  const auto* ids = targets.const_data_ptr<std::int64_t>();
  for (std::int64_t row = 0; row < targets.numel(); ++row)
    TORCH_CHECK_INDEX(ids[row] >= 0 && ids[row] < vocab_size, "target token ", ids[row],
                      " is not in the vocabulary of ", vocab_size);
}

/// The loss of rows by the CPU's kernels.
template <typename T>
class ChunkedLoss {
 public:
  ChunkedLoss(const at::Tensor& hidden, const at::Tensor& weight, const at::Tensor& targets,
              double smoothing, const at::Tensor& bias)
      : hidden_(hidden),
        weight_(weight),
        targets_(targets),
        bias_(bias),
        smoothing_(smoothing),
        vocab_size_(weight.size(0)),
        d_model_(weight.size(1)),
        grad_stride_((vocab_size_ + 1) / 2 * 2),
        packed_(heed::pack_transposed<T>(weight)) {}

  double without_gradients() {
    double total = 0.0;
    each_row_without_gradients([&](std::int64_t, double loss) { total += loss; });
    return total;
  }

  void target_log_probs(float* results) {
    each_row_without_gradients(
        [&](std::int64_t row, double loss) { results[row] = static_cast<float>(-loss); });
  }

  double with_gradients(const at::Tensor& hidden_grad) {
    T* const grads = make_room(std::min(kGradientRows, hidden_.size(0)));
    const Packed back = pack<T>(weight_, Scratch::kPackedBack);
    double total = 0.0;
    const auto add = [&](std::int64_t, double loss) { total += loss; };
    for (std::int64_t row = 0; row < hidden_.size(0); row += kGradientRows) {
      const std::int64_t count = std::min(kGradientRows, hidden_.size(0) - row);
      for (std::int64_t r = 0; r < count; r += kLogitRows)
        logit_rows(row + r, std::min(kLogitRows, count - r), grads + r * grad_stride_, add);
      backward(row, count, grads, back, hidden_grad);
    }
    return total;
  }

  /// hidden's rows are two passes over the targets.
  PairLoss of_pairs(double consistency, const at::Tensor& hidden_grad) {
    const std::int64_t half = targets_.size(0);
    T* const grads = make_room(2 * std::min(kGradientRows / 2, half));
    const Packed back = pack<T>(weight_, Scratch::kPackedBack);
    PairLoss total;
    for (std::int64_t row = 0; row < half; row += kGradientRows / 2) {
      const std::int64_t count = std::min(kGradientRows / 2, half - row);
      T* const second_grads = grads + count * grad_stride_;
      for (std::int64_t r = 0; r < count; r += kLogitRows / 2)
        pair_rows(row + r, std::min(kLogitRows / 2, count - r), consistency,
                  grads + r * grad_stride_, second_grads + r * grad_stride_, total);
      backward(row, count, grads, back, hidden_grad);
      backward(half + row, count, second_grads, back, hidden_grad);
    }
    return total;
  }

 private:
  /// For the gradients by the logits of `rows` rows.
  T* make_room(std::int64_t rows) const {
    const std::int64_t words = rows * grad_stride_ * static_cast<std::int64_t>(sizeof(T)) / 4;
    T* const grads = reinterpret_cast<T*>(scratch(Scratch::kLogitGrads, words));
    if (grad_stride_ > vocab_size_)
      for (std::int64_t r = 0; r < rows; ++r) grads[r * grad_stride_ + vocab_size_] = T{};
    return grads;
  }

  /// From the gradients by the logits of rows `row` to `row` + `count` - 1.
  void backward(std::int64_t row, std::int64_t count, const T* grads, const Packed& back,
                const at::Tensor& hidden_grad) {
    kernels<T>().multiply(grads, count, grad_stride_, back, nullptr,
                          write<T>(hidden_grad) + row * d_model_, d_model_);
    if (bias_.requires_grad())
      for (std::int64_t r = 0; r < count; ++r)
        kernels<T>().add_column_sums(grads + r * grad_stride_, 1, vocab_size_, grad_of(bias_));
    if (!weight_.requires_grad()) return;
    add_product(grads, vocab_size_, grad_stride_, read<T>(hidden_) + row * d_model_, d_model_,
                count, grad_of(weight_));
  }

  void pair_rows(std::int64_t first, std::int64_t count, double consistency, T* grads,
                 T* second_grads, PairLoss& total) {
    const std::int64_t half = targets_.size(0);
    float* const logits = make_logits(0, first, count);
    float* const second_logits = make_logits(count, half + first, count);
    const auto* ids = read<std::int64_t>(targets_) + first;
    for (std::int64_t r = 0; r < count; ++r) {
      const PairLoss loss = kernels<T>().pair_loss_rows(
          logits + r * vocab_size_, second_logits + r * vocab_size_, vocab_size_, ids[r],
          smoothing_, consistency, grads + r * grad_stride_, second_grads + r * grad_stride_);
      total.cross_entropy += loss.cross_entropy;
      total.divergence += loss.divergence;
    }
  }

  /// The logits of rows `first` to `first` + `count` - 1, at row `place` of their room.
  float* make_logits(std::int64_t place, std::int64_t first, std::int64_t count) {
    float* const logits =
        reinterpret_cast<float*>(scratch(Scratch::kLogits, kLogitRows * vocab_size_)) +
        place * vocab_size_;
    kernels<T>().multiply_to_float(read<T>(hidden_) + first * d_model_, count, d_model_, packed_,
                                   logits, vocab_size_);
    if (bias_.defined()) add_bias(logits, count);
    return logits;
  }

  template <typename TakeLoss>
  void each_row_without_gradients(const TakeLoss& take) {
    for (std::int64_t row = 0; row < hidden_.size(0); row += kLogitRows)
      logit_rows(row, std::min(kLogitRows, hidden_.size(0) - row), nullptr, take);
  }

  /// `take(row, loss)` gets each row's loss.
  template <typename TakeLoss>
  void logit_rows(std::int64_t first, std::int64_t count, T* grads, const TakeLoss& take) {
    float* const logits = make_logits(0, first, count);
    const auto* ids = read<std::int64_t>(targets_) + first;
    for (std::int64_t r = 0; r < count; ++r)
      take(first + r,
           kernels<T>().loss_row(logits + r * vocab_size_, vocab_size_, ids[r], smoothing_,
                                 grads == nullptr ? nullptr : grads + r * grad_stride_));
  }

  void add_bias(float* logits, std::int64_t rows) const {
    const auto* bias = read<float>(bias_);
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t v = 0; v < vocab_size_; ++v) logits[r * vocab_size_ + v] += bias[v];
  }

  const at::Tensor& hidden_;
  const at::Tensor& weight_;
  const at::Tensor& targets_;
  const at::Tensor& bias_;  // undefined: none
  double smoothing_;
  std::int64_t vocab_size_;
  std::int64_t d_model_;
  std::int64_t grad_stride_;  // bfloat16 is read in pairs
  Packed packed_;
};

Loss loss_on_cpu(const at::Tensor& hidden, const at::Tensor& weight, const at::Tensor& targets,
                 double smoothing, const at::Tensor& bias, bool with_gradients) {
  check_targets(targets, weight.size(0));
  at::Tensor hidden_grad = with_gradients ? at::empty_like(hidden) : at::Tensor();
  const double total = with_type(hidden, [&]<typename T>(T) {
    ChunkedLoss<T> loss(hidden, weight, targets, smoothing, bias);
    return with_gradients ? loss.with_gradients(hidden_grad) : loss.without_gradients();
  });
  return {at::full({}, total, at::kDouble), hidden_grad, {}};
}

Loss pairs_on_cpu(const at::Tensor& hidden, const at::Tensor& weight, const at::Tensor& targets,
                  double smoothing, double consistency, const at::Tensor& bias) {
  check_targets(targets, weight.size(0));
  at::Tensor hidden_grad = at::empty_like(hidden);
  const PairLoss total = with_type(hidden, [&]<typename T>(T) {
    return ChunkedLoss<T>(hidden, weight, targets, smoothing, bias)
        .of_pairs(consistency, hidden_grad);
  });
  return {at::full({}, total.cross_entropy, at::kDouble), hidden_grad,
          at::full({}, total.divergence, at::kDouble)};
}

at::Tensor log_probs_on_cpu(const at::Tensor& hidden, const at::Tensor& weight,
                            const at::Tensor& targets, const at::Tensor& bias) {
  check_targets(targets, weight.size(0));
  at::Tensor result = at::empty({hidden.size(0)}, at::kFloat);
  with_type(hidden, [&]<typename T>(T) {
    ChunkedLoss<T>(hidden, weight, targets, 0.0, bias).target_log_probs(write<float>(result));
  });
  return result;
}

}  // namespace

Loss projected_loss(const at::Tensor& hidden, const at::Tensor& weight, const at::Tensor& targets,
                    double smoothing, const at::Tensor& bias) {
  if (!hidden.is_cpu()) return reference::projected_loss(hidden, weight, targets, smoothing, bias);
  const bool with_gradients = at::GradMode::is_enabled();
  const at::NoGradGuard no_grad;
  return loss_on_cpu(hidden.detach().contiguous(), weight, targets.contiguous(), smoothing, bias,
                     with_gradients);
}

Loss consistent_loss(const at::Tensor& hidden, const at::Tensor& weight, const at::Tensor& targets,
                     double smoothing, double consistency, const at::Tensor& bias) {
  TORCH_CHECK_VALUE(hidden.size(0) == 2 * targets.size(0), hidden.size(0), " rows are not two for ",
                    "each of ", targets.size(0), " targets");
  if (!hidden.is_cpu())
    return reference::consistent_loss(hidden, weight, targets, smoothing, consistency, bias);
  const at::NoGradGuard no_grad;
  return pairs_on_cpu(hidden.detach().contiguous(), weight, targets.contiguous(), smoothing,
                      consistency, bias);
}

at::Tensor target_log_probs(const at::Tensor& hidden, const at::Tensor& weight,
                            const at::Tensor& targets, const at::Tensor& bias) {
  const at::NoGradGuard no_grad;
  return hidden.is_cpu() ? log_probs_on_cpu(hidden.contiguous(), weight, targets.contiguous(), bias)
                         : reference::target_log_probs(hidden, weight, targets, bias);
}

}  // namespace heed
