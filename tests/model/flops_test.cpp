#include "model/flops.h"

#include <gtest/gtest.h>

#include "model/transformer.h"

namespace heed {
namespace {

TransformerConfig some_config() {
  TransformerConfig config;
  config.src_vocab_size = config.tgt_vocab_size = 50;
  config.encoder_layers = 2;
  config.decoder_layers = 3;
  config.d_model = 8;
  config.num_heads = 2;
  config.ffn_size = 20;
  return config;
}

TEST(FlopsTest, ATokenMeetsEveryMatrixOfItsSideOnce) {
  const TransformerConfig config = some_config();
  const PassProducts products(config);
  // Matrices of the layers: all parameters without embeddings, biases and norms.
  const double encoder = 2 * (4 * 64 + 2 * 8 * 20);
  const double decoder = 3 * (6 * 64 + 2 * 8 * 20);  // keys and values of cross-attention apart
  const double keys_and_values = 3 * 2 * 64;         // which a source token pays
  EXPECT_DOUBLE_EQ(products.src_token, encoder + keys_and_values);
  EXPECT_DOUBLE_EQ(products.tgt_token, decoder + 8 * 50);
  const double biases_and_norms =
      2 * (4 * 8 + 20 + 8 + 2 * 16) + 3 * (8 * 8 + 20 + 8 + 3 * 16) + 2 * 16;
  EXPECT_DOUBLE_EQ(encoder + decoder + keys_and_values + biases_and_norms + 8 * 50,
                   static_cast<double>(count_parameters(config)));
}

TEST(FlopsTest, AttentionOfAPairByHand) {
  // Two encoder layers of 3 x 3 scores; three decoder layers of 1 + 2 own scores and 2 x 3 others.
  EXPECT_DOUBLE_EQ(attention_products(some_config(), 3, 2), 2 * 8 * (2 * 9 + 3 * (3 + 6)));
}

}  // namespace
}  // namespace heed
