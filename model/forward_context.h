#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "model/dropout_stream.h"
#include "model/functions.h"

namespace heed {

/// Attention weights of one pass, kept only when asked for: element `l` belongs to layer `l`,
/// shape [batch, num_heads, longest query, longest key], see attention_weights.
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

  /// Whether the next place in the network, a whole layer, is left out.
  bool leaves_out(double probability) const {
    constexpr double kUnit = 1.0 / 18446744073709551616.0;  // 2^-64
    return dropout != nullptr && probability > 0.0 &&
           static_cast<double>(dropout->next()) * kUnit < probability;
  }

  /// The mask of the next place in the network.
  Dropout drop(double probability) const {
    return dropout == nullptr ? Dropout{} : Dropout{probability, dropout->next()};
  }
};

}  // namespace heed
