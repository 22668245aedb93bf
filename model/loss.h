#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace heed {

/// What the end of the network gives: the loss, and with gradients what to go backward from.
struct Loss {
  at::Tensor total;        // a double; on the device, so that nobody has to wait for it
  at::Tensor hidden_grad;  // of `total` by hidden, its shape and type; undefined without gradients
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

/// log p(target) of each row, without smoothing: [rows] float.
at::Tensor target_log_probs(const at::Tensor& hidden, const at::Tensor& weight,
                            const at::Tensor& targets, const at::Tensor& bias = {});

}  // namespace heed
