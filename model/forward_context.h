#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "model/dropout.h"

namespace heed {

/// Attention weights of one pass, kept only when asked for: element `l` belongs to layer `l`,
/// shape [batch, num_heads, query_len, key_len], each row a distribution over the keys.
struct AttentionWeights {
  std::vector<at::Tensor> encoder_self;
  std::vector<at::Tensor> decoder_self;
  std::vector<at::Tensor> cross;
};

/// What a forward pass carries beside its tensors.
struct ForwardContext {
  /// Draws dropout masks; null outside training, where dropout is the identity.
  DropoutStream* dropout = nullptr;
  /// Filled with attention weights; null when nobody asks, and then none are materialised.
  AttentionWeights* weights = nullptr;

  at::Tensor drop(const at::Tensor& x, double probability) const {
    return dropout == nullptr ? x : heed::dropout(x, probability, dropout->next());
  }
};

}  // namespace heed
