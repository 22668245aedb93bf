#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "data/special_tokens.h"
#include "model/transformer.h"

namespace heed {

/// A batch of given pairs seen by the model: the target is forced, not searched for.
struct ForcedDecoding {
  std::vector<std::vector<float>> token_log_probs;  // of each target piece, then of eos
  AttentionWeights weights;                         // of all layers; empty unless asked for

  /// log p(target | source) of pair `index`, eos included.
  double log_prob(std::size_t index) const;
};

/// Ids without bos and eos; either side may be empty.
ForcedDecoding force_decode(const Transformer& transformer,
                            std::span<const std::span<const TokenId>> src,
                            std::span<const std::span<const TokenId>> tgt, bool want_weights,
                            at::Device device = at::kCPU);

}  // namespace heed
