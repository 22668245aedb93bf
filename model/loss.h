#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace heed {

/// What the end of the network gives: the loss, and with gradients what to go backward from.
struct Loss {
  at::Tensor total;        // a double; on the device, so that nobody has to wait for it
  at::Tensor hidden_grad;  // of `total` by hidden, its shape and type; undefined without gradients
  at::Tensor divergence;   // see consistent_loss; a double there, else undefined
};

/// Output projection and label-smoothed cross entropy (Szegedy et al. 2016) in one: the sum over
/// rows of
///   -(1 - smoothing) log p(target) - smoothing / vocab_size * sum over v of log p(v)
/// with p = softmax(hidden W^T + bias), in nats. Logits exist for a few rows at a time only.
/// hidden [rows, d_model], weight W [vocab_size, d_model], targets [rows] int64, bias float
/// [vocab_size] or undefined: none. While gradients are enabled those of W and of the bias, where
/// they require one, are added to their .grad() (which must exist), here rather than in a backward
/// pass: nothing but adding up comes after a loss.
Loss projected_loss(const at::Tensor& hidden, const at::Tensor& weight, const at::Tensor& targets,
                    double smoothing, const at::Tensor& bias = {});

/// R-Drop (Liang et al. 2021): the loss of two passes, p and q, over the same rows, which differ in
/// their dropout. With l as in projected_loss the sum over targets of
///   (l_p + l_q) / 2 + consistency / 4 * (KL(p || q) + KL(q || p))
/// which is half the paper's, as two passes count as one. hidden [2 * targets, d_model] has the
/// rows of the first pass above those of the second. `total` is the sum of the first term,
/// `divergence` that of (KL(p || q) + KL(q || p)) / 2; gradients, always computed, are of both.
Loss consistent_loss(const at::Tensor& hidden, const at::Tensor& weight, const at::Tensor& targets,
                     double smoothing, double consistency, const at::Tensor& bias = {});

/// log p(target) of each row, without smoothing: [rows] float.
at::Tensor target_log_probs(const at::Tensor& hidden, const at::Tensor& weight,
                            const at::Tensor& targets, const at::Tensor& bias = {});

}  // namespace heed
