#pragma once

#include <cstdint>

#include "model/activation.h"

namespace heed {

enum class NormPosition { kPre, kPost };
/// How the network is told of places: vectors added to those of tokens, sinusoidal (Vaswani et al.
/// 2017) or learned, or queries and keys of self-attention rotated (Su et al. 2021).
enum class PositionEncoding { kSinusoidal, kLearned, kRotary };
/// Which of the three [vocab, d_model] matrices are one: none; target embedding and output
/// projection (Press & Wolf 2017); these and the source embedding (needs one joint vocabulary).
enum class Tying { kNone, kDecoder, kAll };

/// The shape of an encoder-decoder Transformer (Vaswani et al. 2017). Stored with every model.
struct TransformerConfig {
  std::int64_t src_vocab_size = 0;
  std::int64_t tgt_vocab_size = 0;
  std::int64_t encoder_layers = 4;
  std::int64_t decoder_layers = 4;
  std::int64_t d_model = 128;
  std::int64_t num_heads = 4;   // divides d_model
  std::int64_t ffn_size = 256;  // width of the feed-forward layer inside
  NormPosition norm = NormPosition::kPre;
  Activation activation = Activation::kRelu;
  PositionEncoding positions = PositionEncoding::kSinusoidal;
  std::int64_t max_positions = 512;  // rows of learned positions; the others have no limit
  Tying tying = Tying::kAll;
  bool output_bias = false;        // logits = hidden W^T + a trained bias, output.bias
  bool alignment_head = false;     // a trained output of word links, see alignment_head.h
  double embedding_dropout = 0.1;  // on embeddings plus positions
  double residual_dropout = 0.1;   // on each sublayer's output, ahead of the residual sum
  double attention_dropout = 0.1;  // on attention weights, after the softmax
  double ffn_dropout = 0.1;        // on the feed-forward layer's activations
  double layer_dropout = 0.0;      // of a whole layer, which then passes on what it was given

  std::int64_t head_dim() const { return d_model / num_heads; }

  /// Throws std::runtime_error naming the value that is out of range.
  void validate() const;
};

}  // namespace heed
