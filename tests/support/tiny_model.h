#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "model/id_batch.h"
#include "model/loss.h"
#include "model/transformer_model.h"
#include "tests/support/aten_ops.h"

namespace heed {

inline constexpr std::int32_t kTestPad = 0;
inline constexpr std::int32_t kTestBos = 2;
inline constexpr std::int32_t kTestEos = 3;

/// Small enough for a test to run in milliseconds; without dropout.
inline TransformerConfig tiny_config() {
  TransformerConfig config;
  config.src_vocab_size = 12;
  config.tgt_vocab_size = 12;
  config.encoder_layers = 2;
  config.decoder_layers = 2;
  config.d_model = 16;
  config.num_heads = 2;
  config.ffn_size = 24;
  config.max_positions = 32;
  config.embedding_dropout = config.residual_dropout = 0.0;
  config.attention_dropout = config.ffn_dropout = 0.0;
  return config;
}

/// Norm position, kind of positions and tying in every combination, with three activations.
inline std::vector<TransformerConfig> every_variant() {
  std::vector<TransformerConfig> variants;
  for (const NormPosition norm : {NormPosition::kPre, NormPosition::kPost}) {
    for (const PositionEncoding positions :
         {PositionEncoding::kSinusoidal, PositionEncoding::kLearned}) {
      for (const Tying tying : {Tying::kNone, Tying::kDecoder, Tying::kAll}) {
        TransformerConfig config = tiny_config();
        config.norm = norm;
        config.positions = positions;
        config.tying = tying;
        config.activation = static_cast<Activation>(variants.size() % 3);
        if (tying != Tying::kAll) config.tgt_vocab_size = 14;
        variants.push_back(config);
      }
    }
  }
  return variants;
}

/// For SCOPED_TRACE.
inline std::string describe(const TransformerConfig& config) {
  return std::string(config.norm == NormPosition::kPre ? "pre" : "post") +
         (config.positions == PositionEncoding::kLearned ? ", learned" : ", sinusoidal") +
         ", tying " + std::to_string(static_cast<int>(config.tying)) + ", activation " +
         std::to_string(static_cast<int>(config.activation));
}

/// A model with random parameters (biases and norms too, so that none goes untested) and a replica
/// that collects gradients.
struct TinyModel {
  explicit TinyModel(const TransformerConfig& config, std::uint64_t seed = 1)
      : model(config), grads(model.layout().make_buffer()), replica(model.make_replica(grads)) {
    model.layout().initialize(model.values(), seed);
    at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(seed + 1);
    for (const ParameterSpec& spec : model.layout().specs()) {
      const at::Tensor value = ParameterLayout::view(model.values(), spec);
      value.add_(at::randn(value.sizes(), generator), 0.2);
    }
  }

  const Transformer& transformer() const { return model.transformer(); }

  TransformerModel model;
  at::Tensor grads;
  std::unique_ptr<Transformer> replica;
};

using Sentences = std::vector<std::vector<std::int32_t>>;

/// Sentences of ordinary token ids (4 and up).
inline Sentences random_sentences(const std::vector<std::size_t>& lengths, std::int64_t vocab_size,
                                  std::uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<std::int32_t> token(4, static_cast<std::int32_t>(vocab_size) - 1);
  Sentences sentences;
  for (const std::size_t length : lengths) {
    std::vector<std::int32_t>& sentence = sentences.emplace_back(length);
    for (std::int32_t& id : sentence) id = token(random);
  }
  return sentences;
}

inline IdMatrix pad(const Sentences& sentences, std::int32_t before, std::int32_t after) {
  const std::vector<std::span<const std::int32_t>> rows(sentences.begin(), sentences.end());
  return pad_ids(rows, before, after, kTestPad);
}

/// A batch as training sees it.
struct Pairs {
  Pairs(const Sentences& src_sentences, const Sentences& tgt_sentences)
      : src(pad(src_sentences, -1, kTestEos)),
        tgt_in(pad(tgt_sentences, kTestBos, -1)),
        tgt_out(pad(tgt_sentences, -1, kTestEos)) {}

  IdMatrix src;
  IdMatrix tgt_in;
  IdMatrix tgt_out;
};

inline at::Tensor forward_hidden(const Transformer& transformer, const Pairs& pairs,
                                 const ForwardContext& context = {}) {
  const Memory memory = transformer.encode(pairs.src.ids, pairs.src.is_token, context);
  return transformer.decode(pairs.tgt_in.ids, memory, context);
}

/// Summed loss of a batch, in nats.
inline at::Tensor forward_loss(const Transformer& transformer, const Pairs& pairs,
                               double smoothing = 0.1, const ForwardContext& context = {}) {
  const at::Tensor logits = transformer.project(forward_hidden(transformer, pairs, context));
  return label_smoothed_cross_entropy(logits.flatten(0, 1), pairs.tgt_out.ids.flatten(), kTestPad,
                                      smoothing);
}

}  // namespace heed
