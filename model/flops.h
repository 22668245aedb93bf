#pragma once

#include <cstdint>

#include "model/transformer_config.h"

namespace heed {

/// Multiplications in the matrix products of one forward pass, each an operation of two.
struct PassProducts {
  double src_token = 0.0;  // that a source token takes
  double tgt_token = 0.0;  // that a target token takes, output projection included

  explicit PassProducts(const TransformerConfig& config);
};

/// The same of attention in all layers for a pair of these lengths: queries by keys and weights by
/// values; a query of the decoder's own attention sees half of the keys.
double attention_products(const TransformerConfig& config, double src_len, double tgt_len);

}  // namespace heed
