#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "model/loss.h"
#include "model/packing.h"
#include "model/transformer_model.h"
#include "tests/support/aten_ops.h"

namespace heed {

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
         {PositionEncoding::kSinusoidal, PositionEncoding::kLearned, PositionEncoding::kRotary}) {
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
  const char* const positions[] = {", sinusoidal", ", learned", ", rotary"};
  return std::string(config.norm == NormPosition::kPre ? "pre" : "post") +
         positions[static_cast<int>(config.positions)] + ", tying " +
         std::to_string(static_cast<int>(config.tying)) + ", activation " +
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

inline PackedIds pack(const Sentences& sentences, std::int32_t before, std::int32_t after) {
  const std::vector<std::span<const std::int32_t>> rows(sentences.begin(), sentences.end());
  return pack_ids(rows, before, after);
}

/// The rows of one sentence.
inline at::Tensor only(const at::Tensor& packed, const Packing& packing, std::int64_t sentence) {
  return packed.narrow(0, packing.begin(sentence), packing.length(sentence));
}

inline PackedIds only(const PackedIds& ids, std::int64_t sentence) {
  const auto length = static_cast<std::int32_t>(ids.packing.length(sentence));
  return {only(ids.ids, ids.packing, sentence), Packing({&length, 1})};
}

/// A batch as training sees it.
struct Pairs {
  Pairs(PackedIds sources, PackedIds inputs, PackedIds outputs)
      : src(std::move(sources)), tgt_in(std::move(inputs)), tgt_out(std::move(outputs)) {}
  Pairs(const Sentences& src_sentences, const Sentences& tgt_sentences)
      : Pairs(pack(src_sentences, -1, kTestEos), pack(tgt_sentences, kTestBos, -1),
              pack(tgt_sentences, -1, kTestEos)) {}

  std::int64_t batch() const { return src.packing.batch(); }

  PackedIds src;
  PackedIds tgt_in;
  PackedIds tgt_out;
};

inline Pairs only(const Pairs& pairs, std::int64_t sentence) {
  return {only(pairs.src, sentence), only(pairs.tgt_in, sentence), only(pairs.tgt_out, sentence)};
}

/// Packed [tgt_rows, d_model].
inline at::Tensor forward_hidden(const Transformer& transformer, const Pairs& pairs,
                                 const ForwardContext& context = {}) {
  return transformer.decode(pairs.tgt_in, transformer.encode(pairs.src, context), context);
}

/// Summed loss of a batch, in nats.
inline double forward_loss(const Transformer& transformer, const Pairs& pairs,
                           double smoothing = 0.1, const ForwardContext& context = {}) {
  const at::NoGradGuard no_grad;
  return projected_loss(forward_hidden(transformer, pairs, context), transformer.output_weight(),
                        pairs.tgt_out.ids, smoothing)
      .total.item<double>();
}

/// The same, with its gradient added to the buffer that `transformer` is bound to.
inline double forward_backward(const Transformer& transformer, const Pairs& pairs,
                               double smoothing = 0.1, const ForwardContext& context = {}) {
  const at::Tensor hidden = forward_hidden(transformer, pairs, context);
  const Loss loss =
      projected_loss(hidden, transformer.output_weight(), pairs.tgt_out.ids, smoothing);
  hidden.backward(loss.hidden_grad);
  return loss.total.item<double>();
}

}  // namespace heed
