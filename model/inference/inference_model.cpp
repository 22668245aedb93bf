#include "model/inference/inference_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace heed {
namespace {

constexpr std::int64_t kPrecomputedPositions = 512;

const InferenceProducts& products_of(WeightPrecision precision) {
  const InferenceKernels& kernels = inference_kernels();
  switch (precision) {
    case WeightPrecision::kBf16:
      return kernels.bf16;
    case WeightPrecision::kInt8:
      return kernels.int8;
    default:
      return kernels.fp32;
  }
}

/// Reads the parameters of one model, packing its matrices.
class Packer {
 public:
  Packer(const TransformerConfig& config, const InferenceProducts& products,
         const FindWeights& find)
      : config_(config), products_(products), find_(find) {}

  PackedLinear matrix(const std::string& name, std::int64_t k, std::int64_t columns) const {
    PackedLinear packed;
    packed.scales.resize(static_cast<std::size_t>(columns));
    std::uint32_t* words = packed.words.reserve(products_.pack_size(k, columns));
    const std::shared_ptr<const float> values = find_(name, std::array{columns, k});
    packed.weight = products_.pack(values.get(), k, columns, words, packed.scales.data());
    return packed;
  }

  PackedLinear linear(const std::string& prefix, std::int64_t k, std::int64_t columns) const {
    PackedLinear packed = matrix(prefix + ".weight", k, columns);
    packed.bias = vector(prefix + ".bias", columns);
    return packed;
  }

  std::vector<float> vector(const std::string& name, std::int64_t size) const {
    const std::shared_ptr<const float> values = find_(name, std::array{size});
    return {values.get(), values.get() + size};
  }

  PackedNorm norm(const std::string& prefix) const {
    return {vector(prefix + ".weight", config_.d_model), vector(prefix + ".bias", config_.d_model)};
  }

  PackedSelfAttention self_attention(const std::string& layer) const {
    const std::int64_t d_model = config_.d_model;
    return {linear(layer + ".self_attention.query_key_value", d_model, 3 * d_model),
            linear(layer + ".self_attention.output", d_model, d_model),
            norm(layer + ".self_attention_residual.norm")};
  }

  PackedCrossAttention cross_attention(const std::string& layer) const {
    const std::int64_t d_model = config_.d_model;
    return {linear(layer + ".cross_attention.query", d_model, d_model),
            linear(layer + ".cross_attention.key_value", d_model, 2 * d_model),
            linear(layer + ".cross_attention.output", d_model, d_model),
            norm(layer + ".cross_attention_residual.norm")};
  }

  PackedFeedForward feed_forward(const std::string& layer) const {
    return {linear(layer + ".feed_forward.inner", config_.d_model, config_.ffn_size),
            linear(layer + ".feed_forward.outer", config_.ffn_size, config_.d_model),
            norm(layer + ".feed_forward_residual.norm")};
  }

  EmbeddingTable embedding(const std::string& tokens, const std::string& positions,
                           std::int64_t vocab_size) const {
    const bool is_learned = config_.positions == PositionEncoding::kLearned;
    return {config_, find_(tokens + ".weight", std::array{vocab_size, config_.d_model}),
            is_learned ? find_(positions + ".positions",
                               std::array{config_.max_positions, config_.d_model})
                       : nullptr};
  }

 private:
  const TransformerConfig& config_;
  const InferenceProducts& products_;
  const FindWeights& find_;
};

/// Whose matrix the target's embedding is.
const char* tgt_embedding_name(Tying tying) {
  return tying == Tying::kAll ? "src_embedding" : "tgt_embedding";
}

}  // namespace

WeightPrecision best_precision() {
  if (inference_kernels().has_int8_products) return WeightPrecision::kInt8;
  return kernel_sets().front().has_bf16_products ? WeightPrecision::kBf16 : WeightPrecision::kFp32;
}

EmbeddingTable::EmbeddingTable(const TransformerConfig& config, std::shared_ptr<const float> tokens,
                               std::shared_ptr<const float> positions)
    : d_model_(config.d_model),
      scale_(std::sqrt(static_cast<float>(config.d_model))),
      tokens_(std::move(tokens)),
      learned_positions_(std::move(positions)),
      max_positions_(config.max_positions),
      encoding_(config.positions) {
  if (encoding_ != PositionEncoding::kSinusoidal) return;
  sinusoids_.resize(static_cast<std::size_t>(kPrecomputedPositions * d_model_));
  for (std::int64_t position = 0; position < kPrecomputedPositions; ++position)
    sinusoidal_position(position, d_model_, sinusoids_.data() + position * d_model_);
}

void EmbeddingTable::embed(std::int32_t token, std::int64_t position, float* to) const {
  const float* from = tokens_.get() + token * d_model_;
  if (encoding_ == PositionEncoding::kRotary) {
    for (std::int64_t i = 0; i < d_model_; ++i) to[i] = from[i] * scale_;
    return;
  }
  const float* shift = to;
  if (learned_positions_ != nullptr)
    shift = learned_positions_.get() + std::min(position, max_positions_ - 1) * d_model_;
  else if (position < kPrecomputedPositions)
    shift = sinusoids_.data() + position * d_model_;
  else
    sinusoidal_position(position, d_model_, to);
  for (std::int64_t i = 0; i < d_model_; ++i) to[i] = from[i] * scale_ + shift[i];
}

InferenceModel::InferenceModel(const TransformerConfig& config, WeightPrecision precision,
                               const FindWeights& find)
    : config_(config),
      precision_(precision),
      products_(&products_of(precision)),
      src_embedding_(Packer(config, *products_, find)
                         .embedding("src_embedding", "src_embedding", config.src_vocab_size)),
      tgt_embedding_(Packer(config, *products_, find)
                         .embedding(tgt_embedding_name(config.tying), "tgt_embedding",
                                    config.tgt_vocab_size)) {
  if (config_.positions == PositionEncoding::kRotary) rotary_table_.emplace(config_.head_dim());
  const Packer packer(config_, *products_, find);
  for (std::int64_t i = 0; i < config_.encoder_layers; ++i) {
    const std::string layer = fmt::format("encoder.layers.{}", i);
    encoder_layers_.push_back({packer.self_attention(layer), packer.feed_forward(layer)});
  }
  for (std::int64_t i = 0; i < config_.decoder_layers; ++i) {
    const std::string layer = fmt::format("decoder.layers.{}", i);
    decoder_layers_.push_back(
        {packer.self_attention(layer), packer.cross_attention(layer), packer.feed_forward(layer)});
  }
  if (config_.norm == NormPosition::kPre) {
    encoder_norm_ = packer.norm("encoder.norm");
    decoder_norm_ = packer.norm("decoder.norm");
  }
  const std::string output = config_.tying == Tying::kNone
                                 ? std::string("output.weight")
                                 : fmt::format("{}.weight", tgt_embedding_name(config_.tying));
  output_ = packer.matrix(output, config_.d_model, config_.tgt_vocab_size);
  if (config_.output_bias) output_.bias = packer.vector("output.bias", config_.tgt_vocab_size);
}

}  // namespace heed
