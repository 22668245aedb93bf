#include "model/alignment_head.h"

#include <cmath>

#include "model/aten_ops.h"
#include "model/masks.h"

namespace heed {

AlignmentHead::AlignmentHead(const TransformerConfig& config)
    : context_layer(config),
      norm{config.d_model, {}, {}},
      query{config.d_model, config.d_model, {}, {}},
      key{config.d_model, config.d_model, {}, {}} {}

void AlignmentHead::visit_parameters(const std::string& prefix, const ParameterVisitor& visitor) {
  context_layer.visit_parameters(prefix + ".context_layer", visitor);
  norm.visit_parameters(prefix + ".norm", visitor);
  query.visit_parameters(prefix + ".query", visitor);
  key.visit_parameters(prefix + ".key", visitor);
}

AlignmentScores AlignmentHead::forward(const at::Tensor& hidden, const Packing& tgt_in,
                                       const Memory& memory, const ForwardContext& context) const {
  const ForwardContext without_weights{context.dropout, nullptr};
  const ResidualStream read = context_layer.forward(
      context_layer.self_attention_residual.begin(hidden), tgt_in, norm, without_weights);
  // With the norm after each sublayer the layer's own last one is it, and `norm` one more.
  const at::Tensor queries = query.forward(
      context_layer.feed_forward_residual.is_pre() ? read.normed : norm.forward(read.normed));
  const at::Tensor keys = key.forward(memory.states);
  const double scale = 1.0 / std::sqrt(static_cast<double>(query.out_features));
  const at::Tensor scores = at::matmul(tgt_in.pad(queries.to(at::kFloat) * scale),
                                       memory.packing.pad(keys.to(at::kFloat)).transpose(1, 2));
  const at::Device device = scores.device();
  const at::Tensor src_bias = padding_bias(memory.packing.is_token(device)).squeeze(1);
  const at::Tensor tgt_bias = padding_bias(tgt_in.is_token(device)).squeeze(1).transpose(1, 2);
  return {at::log_softmax(scores + src_bias, 2), at::log_softmax(scores + tgt_bias, 1)};
}

AlignmentScores to_probabilities(const AlignmentScores& log_probabilities) {
  const auto read = [](const at::Tensor& scores) { return scores.exp().to(at::kCPU).contiguous(); };
  return {read(log_probabilities.src_of_tgt), read(log_probabilities.tgt_of_src)};
}

at::Tensor alignment_loss(const AlignmentScores& scores, const AlignmentTargets& targets) {
  // Not a product: 0 * -1e30 is small enough to do no harm, but it is not nothing.
  const auto cross_entropy = [](const at::Tensor& log_probs, const at::Tensor& target) {
    return -(log_probs.masked_fill(target == 0, 0.0) * target).sum();
  };
  return cross_entropy(scores.src_of_tgt, targets.src_of_tgt) +
         cross_entropy(scores.tgt_of_src, targets.tgt_of_src);
}

}  // namespace heed
