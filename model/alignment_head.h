#pragma once

#include <ATen/core/Tensor.h>

#include "model/transformer.h"

namespace heed {

/// What the alignment head gives for a batch: log-probabilities between the rows of the decoder's
/// input and those of the source, padded, [batch, longest tgt_in, longest src] each.
struct AlignmentScores {
  at::Tensor src_of_tgt;  // over the source, for each target piece; the source's eos is "none"
  at::Tensor tgt_of_src;  // over the target, for each source piece; the target's bos is "none"
};

/// What the head is trained towards, in the same shapes: a distribution for each piece, zero for
/// bos, eos and padding.
struct AlignmentTargets {
  at::Tensor src_of_tgt;
  at::Tensor tgt_of_src;

  AlignmentTargets to(at::Device device) const {
    return {copy_to(src_of_tgt, device), copy_to(tgt_of_src, device)};
  }
};

/// Word alignment as an output of its own, rather than as what attention happens to show: trained
/// on given links (Garg et al., "Jointly Learning to Align and Translate with Transformer Models",
/// 2019), and with the whole target sentence in view. The decoder's state that has read piece i is
/// at the place of i + 1, so that nothing lags (Chen et al., "Accurate Word Alignment Induction
/// from Neural Machine Translation", 2020); one more layer, without a mask, adds what follows.
/// Scores q_i k_j / sqrt(d_model) are normalised in both directions, which share everything.
struct AlignmentHead {
  explicit AlignmentHead(const TransformerConfig& config);

  void visit_parameters(const std::string& prefix, const ParameterVisitor& visitor);

  /// hidden: the decoder's output, packed as `tgt_in`.
  AlignmentScores forward(const at::Tensor& hidden, const Packing& tgt_in, const Memory& memory,
                          const ForwardContext& context) const;

  EncoderLayer context_layer;
  LayerNorm norm;
  Linear query;
  Linear key;
};

/// The same as probabilities, float on the CPU.
AlignmentScores to_probabilities(const AlignmentScores& log_probabilities);

/// Cross entropy of both directions, summed over pieces, in nats: 0-dimensional, float.
at::Tensor alignment_loss(const AlignmentScores& scores, const AlignmentTargets& targets);

}  // namespace heed
