#include "model/reference_functions.h"

#include <ATen/Context.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "model/aten_ops.h"
#include "model/masks.h"

namespace heed::reference {
namespace {

constexpr double kLayerNormEpsilon = 1e-5;
constexpr std::int64_t kLossRows = 2048;  // whose logits exist at a time

struct Heads {
  at::Tensor q, k, v;  // [batch, heads, len, head_dim]
};

Heads split(const AttentionInput& input) {
  if (input.is_self()) {
    const auto parts = split_heads(input.q_packing.pad(input.queries), 3, input.num_heads);
    if (!input.rotations.defined()) return {parts[0], parts[1], parts[2]};
    const at::Tensor rotations = input.rotations.narrow(0, 0, input.q_packing.longest());
    return {rotate(parts[0], rotations), rotate(parts[1], rotations), parts[2]};
  }
  const auto keys = split_heads(input.k_packing.pad(input.keys_values), 2, input.num_heads);
  return {split_heads(input.q_packing.pad(input.queries), 1, input.num_heads)[0], keys[0], keys[1]};
}

/// Added to the scores: [batch or 1, 1, q_len or 1, k_len].
at::Tensor mask_bias(const AttentionInput& input, const at::Tensor& like) {
  const at::Tensor padding = padding_bias(input.k_packing.is_token(like.device()));
  const at::Tensor bias =
      input.is_causal ? padding + causal_bias(input.q_packing.longest(), padding) : padding;
  return bias.to(like.scalar_type());
}

/// Seeds the generator that ATen draws its masks from: they are then a function of the seed, and a
/// resumed run draws what an uninterrupted one would. Gives the probability.
double seeded(const Dropout& dropout, at::Device device) {
  if (dropout.probability > 0.0) {
    at::Generator generator = at::globalContext().defaultGenerator(device);
    const std::lock_guard lock(generator.mutex());
    generator.set_current_seed(dropout.seed);
  }
  return dropout.probability;
}

at::Tensor logits_of(const at::Tensor& hidden, const at::Tensor& weight, const at::Tensor& bias) {
  const at::Tensor logits = at::linear(hidden, weight);
  return bias.defined() ? logits + bias : logits;
}

at::Tensor drop(const at::Tensor& x, const Dropout& dropout) {
  if (dropout.probability == 0.0) return x;
  return at::dropout(x, seeded(dropout, x.device()), /*train=*/true);
}

}  // namespace

std::vector<at::Tensor> split_heads(const at::Tensor& padded, std::int64_t parts,
                                    std::int64_t heads) {
  return padded.unflatten(2, {parts, heads, -1}).permute({2, 0, 3, 1, 4}).unbind(0);
}

at::Tensor rotate(const at::Tensor& x, const at::Tensor& rotations) {
  const auto halves = x.to(at::kFloat).chunk(2, -1);
  const auto angles = copy_to(rotations, x.device()).chunk(2, -1);
  const at::Tensor& cosine = angles[0];
  const at::Tensor& sine = angles[1];
  return at::cat({halves[0] * cosine - halves[1] * sine, halves[1] * cosine + halves[0] * sine}, -1)
      .to(x.scalar_type());
}

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return at::linear(x, weight, bias.to(x.scalar_type()));
}

at::Tensor activate(const at::Tensor& x, Activation activation, const Dropout& dropout) {
  switch (activation) {
    case Activation::kRelu:
      return drop(at::relu(x), dropout);
    case Activation::kGelu:
      return drop(at::gelu(x), dropout);
    case Activation::kSwish:
      return drop(at::silu(x), dropout);
  }
  TORCH_CHECK(false, "not an activation");
}

at::Tensor layer_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return at::layer_norm(x.to(at::kFloat), weight.sizes(), weight, bias, kLayerNormEpsilon)
      .to(x.scalar_type());
}

SumAndNorm add_and_norm(const at::Tensor& x, const at::Tensor& y, const Dropout& dropout,
                        const at::Tensor& weight, const at::Tensor& bias) {
  const at::Tensor sum = x + drop(y, dropout);
  return {sum, reference::layer_norm(sum, weight, bias)};
}

at::Tensor embed(const at::Tensor& table, const at::Tensor& positions, const PackedIds& ids,
                 const Dropout& dropout) {
  const at::Tensor tokens =
      at::embedding(table, ids.ids) * std::sqrt(static_cast<double>(table.size(1)));
  const at::Tensor places = copy_to(ids.packing.positions(), ids.ids.device())
                                .to(at::kLong)
                                .clamp_max(positions.size(0) - 1);
  const at::Tensor rows = positions.index_select(0, places);
  return drop(tokens + rows.to(tokens.scalar_type()), dropout);
}

at::Tensor attend(const AttentionInput& input, const Dropout& dropout) {
  const Heads heads = split(input);
  const at::Tensor mixed = at::scaled_dot_product_attention(
      heads.q, heads.k, heads.v, mask_bias(input, heads.q), seeded(dropout, heads.q.device()));
  return input.q_packing.unpad(mixed.transpose(1, 2).flatten(2));
}

at::Tensor attention_weights(const AttentionInput& input) {
  const Heads heads = split(input);
  const double scale = 1.0 / std::sqrt(static_cast<double>(heads.q.size(3)));
  const at::Tensor scores =
      at::matmul(heads.q.to(at::kFloat) * scale, heads.k.to(at::kFloat).transpose(2, 3));
  const at::Tensor weights = at::softmax(scores + mask_bias(input, scores), -1);
  const at::Tensor is_query = input.q_packing.is_token(weights.device());
  const at::Tensor is_key = input.k_packing.is_token(weights.device());
  return weights * is_query.unsqueeze(1).unsqueeze(3) * is_key.unsqueeze(1).unsqueeze(2);
}

Loss projected_loss(const at::Tensor& hidden, const at::Tensor& weight, const at::Tensor& targets,
                    double smoothing, const at::Tensor& bias) {
  const bool with_gradients = at::GradMode::is_enabled();
  const at::NoGradGuard no_grad;
  const at::Tensor in = hidden.detach();
  const auto vocab_size = static_cast<double>(weight.size(0));
  at::Tensor hidden_grad = with_gradients ? at::empty_like(in) : at::Tensor();
  at::Tensor total = at::zeros({}, in.options().dtype(at::kDouble));
  for (std::int64_t row = 0; row < in.size(0); row += kLossRows) {
    const std::int64_t count = std::min(kLossRows, in.size(0) - row);
    const at::Tensor x = in.narrow(0, row, count);
    const at::Tensor target = targets.narrow(0, row, count).unsqueeze(1);
    const at::Tensor log_probs = at::log_softmax(logits_of(x, weight, bias), -1, at::kFloat);
    const at::Tensor of_target = log_probs.gather(1, target);
    total -= of_target.sum(at::kDouble) * (1.0 - smoothing) +
             log_probs.sum(at::kDouble) * (smoothing / vocab_size);
    if (!with_gradients) continue;
    at::Tensor grad = log_probs.exp().sub_(smoothing / vocab_size);
    grad.scatter_add_(1, target, at::full_like(of_target, smoothing - 1.0));
    grad = grad.to(x.scalar_type());
    hidden_grad.narrow(0, row, count).copy_(at::matmul(grad, weight));
    if (bias.requires_grad()) bias.grad().add_(grad.sum(0, /*keepdim=*/false, at::kFloat));
    if (weight.requires_grad()) weight.grad().add_(at::matmul(grad.t(), x));
  }
  return {total, hidden_grad, {}};
}

Loss consistent_loss(const at::Tensor& hidden, const at::Tensor& weight, const at::Tensor& targets,
                     double smoothing, double consistency, const at::Tensor& bias) {
  const at::NoGradGuard no_grad;
  const at::Tensor in = hidden.detach();
  const auto vocab_size = static_cast<double>(weight.size(0));
  const std::int64_t half = targets.size(0);
  const auto doubles = in.options().dtype(at::kDouble);
  Loss loss{at::zeros({}, doubles), at::empty_like(in), at::zeros({}, doubles)};
  for (std::int64_t row = 0; row < half; row += kLossRows) {
    const std::int64_t count = std::min(kLossRows, half - row);
    const at::Tensor target = targets.narrow(0, row, count).unsqueeze(1);
    const std::int64_t begins[2] = {row, half + row};
    at::Tensor log_probs[2];
    for (int pass = 0; pass < 2; ++pass) {
      log_probs[pass] = at::log_softmax(logits_of(in.narrow(0, begins[pass], count), weight, bias),
                                        -1, at::kFloat);
      loss.total -= 0.5 * (log_probs[pass].gather(1, target).sum(at::kDouble) * (1.0 - smoothing) +
                           log_probs[pass].sum(at::kDouble) * (smoothing / vocab_size));
    }
    for (int pass = 0; pass < 2; ++pass) {
      const at::Tensor x = in.narrow(0, begins[pass], count);
      const at::Tensor p = log_probs[pass].exp();
      const at::Tensor q = log_probs[1 - pass].exp();
      const at::Tensor apart = log_probs[pass] - log_probs[1 - pass];
      const at::Tensor mean = (p * apart).sum(1, /*keepdim=*/true);  // KL(p || q)
      loss.divergence += 0.5 * mean.sum(at::kDouble);
      at::Tensor grad = (p - smoothing / vocab_size) * 0.5;
      grad.scatter_add_(1, target, at::full_like(mean, 0.5 * (smoothing - 1.0)));
      grad += (p - q + p * (apart - mean)) * (0.25 * consistency);
      grad = grad.to(x.scalar_type());
      loss.hidden_grad.narrow(0, begins[pass], count).copy_(at::matmul(grad, weight));
      if (bias.requires_grad()) bias.grad().add_(grad.sum(0, /*keepdim=*/false, at::kFloat));
      if (weight.requires_grad()) weight.grad().add_(at::matmul(grad.t(), x));
    }
  }
  return loss;
}

at::Tensor target_log_probs(const at::Tensor& hidden, const at::Tensor& weight,
                            const at::Tensor& targets, const at::Tensor& bias) {
  at::Tensor result = at::empty({hidden.size(0)}, hidden.options().dtype(at::kFloat));
  for (std::int64_t row = 0; row < hidden.size(0); row += kLossRows) {
    const std::int64_t count = std::min(kLossRows, hidden.size(0) - row);
    const at::Tensor logits = logits_of(hidden.narrow(0, row, count), weight, bias);
    const at::Tensor target = targets.narrow(0, row, count).unsqueeze(1);
    result.narrow(0, row, count)
        .copy_(at::log_softmax(logits, -1, at::kFloat).gather(1, target).squeeze(1));
  }
  return result;
}

}  // namespace heed::reference
