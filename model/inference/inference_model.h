#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/inference/aligned_buffer.h"
#include "model/kernels/kernels.h"
#include "model/positions.h"
#include "model/transformer_config.h"

/// Translating with a trained model, on a CPU: weights packed once, heed's own kernels, nothing of
/// LibTorch.
namespace heed {

/// What weights are held and multiplied in. Sums are 32-bit either way, and so are activations
/// between products.
enum class WeightPrecision {
  kFp32,
  kBf16,
  kInt8,  // a scale for each row of a weight, and for each row of activations as it comes
};

/// The fastest that this processor has instructions for.
WeightPrecision best_precision();

/// The values of the parameter `name`, row by row; throws where there is none of that shape.
using FindWeights = std::function<std::shared_ptr<const float>(
    const std::string& name, std::span<const std::int64_t> shape)>;

/// y = x W^T + b.
struct PackedLinear {
  PackedWeight weight;
  std::vector<float> bias;
  AlignedBuffer<std::uint32_t> words;
  std::vector<float> scales;
};

struct PackedNorm {
  std::vector<float> weight;
  std::vector<float> bias;
};

struct PackedSelfAttention {
  PackedLinear query_key_value;
  PackedLinear output;
  PackedNorm norm;
};

struct PackedCrossAttention {
  PackedLinear query;
  PackedLinear key_value;
  PackedLinear output;
  PackedNorm norm;
};

struct PackedFeedForward {
  PackedLinear inner;
  PackedLinear outer;
  PackedNorm norm;
};

struct PackedEncoderLayer {
  PackedSelfAttention self_attention;
  PackedFeedForward feed_forward;
};

struct PackedDecoderLayer {
  PackedSelfAttention self_attention;
  PackedCrossAttention cross_attention;
  PackedFeedForward feed_forward;
};

/// Token ids to vectors.
class EmbeddingTable {
 public:
  /// `positions` is null unless they are learned.
  EmbeddingTable(const TransformerConfig& config, std::shared_ptr<const float> tokens,
                 std::shared_ptr<const float> positions);

  /// The vector of a token at a position, to `to` [d_model].
  void embed(std::int32_t token, std::int64_t position, float* to) const;

 private:
  std::int64_t d_model_;
  float scale_;
  std::shared_ptr<const float> tokens_;
  std::shared_ptr<const float> learned_positions_;
  std::int64_t max_positions_;
  PositionEncoding encoding_;
  std::vector<float> sinusoids_;  // of the first positions
};

/// A model ready to translate. Const, shared by all workers.
class InferenceModel {
 public:
  /// What `find` gives is packed, but embeddings are read from it for good.
  InferenceModel(const TransformerConfig& config, WeightPrecision precision,
                 const FindWeights& find);

  const TransformerConfig& config() const { return config_; }
  WeightPrecision precision() const { return precision_; }
  const InferenceProducts& products() const { return *products_; }

  /// Null where positions aren't rotary.
  const RotaryTable* rotary_table() const { return rotary_table_ ? &*rotary_table_ : nullptr; }
  const EmbeddingTable& src_embedding() const { return src_embedding_; }
  const EmbeddingTable& tgt_embedding() const { return tgt_embedding_; }
  const std::vector<PackedEncoderLayer>& encoder_layers() const { return encoder_layers_; }
  const std::vector<PackedDecoderLayer>& decoder_layers() const { return decoder_layers_; }
  const PackedNorm& encoder_norm() const { return encoder_norm_; }  // with the norm ahead only
  const PackedNorm& decoder_norm() const { return decoder_norm_; }
  const PackedLinear& output() const { return output_; }

 private:
  TransformerConfig config_;
  WeightPrecision precision_;
  const InferenceProducts* products_;
  std::optional<RotaryTable> rotary_table_;
  EmbeddingTable src_embedding_;
  EmbeddingTable tgt_embedding_;
  std::vector<PackedEncoderLayer> encoder_layers_;
  std::vector<PackedDecoderLayer> decoder_layers_;
  PackedNorm encoder_norm_;
  PackedNorm decoder_norm_;
  PackedLinear output_;
};

}  // namespace heed
