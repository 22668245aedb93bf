#pragma once

#include <vector>

#include "model/functions.h"
#include "model/loss.h"

/// The operations of functions.h in ATen's operators: what runs on a GPU, and what the kernels are
/// tested against. Dropout masks are ATen's, other than the kernels'; drawing them seeds the
/// device's default generator.
namespace heed::reference {

/// [batch, len, parts * d_model] -> `parts` tensors [batch, heads, len, head_dim].
std::vector<at::Tensor> split_heads(const at::Tensor& padded, std::int64_t parts,
                                    std::int64_t heads);

/// Rotary positions (Su et al. 2021) of heads x [..., len, head_dim]: with half = head_dim / 2,
/// elements i and half + i of row p are turned as a pair by the angle whose cosine and sine are
/// rotations[p][i] and rotations[p][half + i]; rotations float [len, head_dim], on any device.
at::Tensor rotate(const at::Tensor& x, const at::Tensor& rotations);

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);
at::Tensor activate(const at::Tensor& x, Activation activation, const Dropout& dropout);
at::Tensor layer_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);
SumAndNorm add_and_norm(const at::Tensor& x, const at::Tensor& y, const Dropout& dropout,
                        const at::Tensor& weight, const at::Tensor& bias);
at::Tensor embed(const at::Tensor& table, const at::Tensor& positions, const PackedIds& ids,
                 const Dropout& dropout);
at::Tensor attend(const AttentionInput& input, const Dropout& dropout);
at::Tensor attention_weights(const AttentionInput& input);
Loss projected_loss(const at::Tensor& hidden, const at::Tensor& weight, const at::Tensor& targets,
                    double smoothing, const at::Tensor& bias = {});
Loss consistent_loss(const at::Tensor& hidden, const at::Tensor& weight, const at::Tensor& targets,
                     double smoothing, double consistency, const at::Tensor& bias = {});
at::Tensor target_log_probs(const at::Tensor& hidden, const at::Tensor& weight,
                            const at::Tensor& targets, const at::Tensor& bias = {});

}  // namespace heed::reference
