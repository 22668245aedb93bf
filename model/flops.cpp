#include "model/flops.h"

namespace heed {

PassProducts::PassProducts(const TransformerConfig& config) {
  const auto d = static_cast<double>(config.d_model);
  const auto encoder_layers = static_cast<double>(config.encoder_layers);
  const auto decoder_layers = static_cast<double>(config.decoder_layers);
  const double feed_forward = 2.0 * d * static_cast<double>(config.ffn_size);
  // Self-attention has four matrices d x d, cross-attention two on each side.
  src_token = encoder_layers * (4.0 * d * d + feed_forward) + decoder_layers * 2.0 * d * d;
  tgt_token = decoder_layers * (6.0 * d * d + feed_forward) +
              d * static_cast<double>(config.tgt_vocab_size);
  if (!config.alignment_head) return;
  src_token += d * d;
  tgt_token += 5.0 * d * d + feed_forward;
}

double attention_products(const TransformerConfig& config, double src_len, double tgt_len) {
  const auto d = static_cast<double>(config.d_model);
  const double head = config.alignment_head ? 2.0 * tgt_len * tgt_len + tgt_len * src_len : 0.0;
  return d * (head + static_cast<double>(config.encoder_layers) * 2.0 * src_len * src_len +
              static_cast<double>(config.decoder_layers) *
                  (tgt_len * (tgt_len + 1.0) + 2.0 * tgt_len * src_len));
}

}  // namespace heed
