#include "model/transformer_config.h"

#include <fmt/format.h>

#include <stdexcept>

namespace heed {
namespace {

void require_positive(const char* name, std::int64_t value) {
  if (value < 1)
    throw std::runtime_error(fmt::format("model.{} is {}, must be at least 1", name, value));
}

void require_probability(const char* name, double value) {
  if (!(value >= 0.0 && value < 1.0))
    throw std::runtime_error(fmt::format("model.{} is {}, must be in [0, 1)", name, value));
}

}  // namespace

void TransformerConfig::validate() const {
  require_positive("src_vocab_size", src_vocab_size);
  require_positive("tgt_vocab_size", tgt_vocab_size);
  require_positive("encoder_layers", encoder_layers);
  require_positive("decoder_layers", decoder_layers);
  require_positive("d_model", d_model);
  require_positive("num_heads", num_heads);
  require_positive("ffn_size", ffn_size);
  require_positive("max_positions", max_positions);
  require_probability("embedding_dropout", embedding_dropout);
  require_probability("residual_dropout", residual_dropout);
  require_probability("attention_dropout", attention_dropout);
  require_probability("ffn_dropout", ffn_dropout);
  require_probability("layer_dropout", layer_dropout);
  if (d_model % num_heads != 0)
    throw std::runtime_error(fmt::format(
        "model.d_model is {}, must be a multiple of model.num_heads ({})", d_model, num_heads));
  if (d_model % 2 != 0)
    throw std::runtime_error(fmt::format(
        "model.d_model is {}, must be even (positions are sine-cosine pairs)", d_model));
  if (positions == PositionEncoding::kRotary && head_dim() % 2 != 0)
    throw std::runtime_error(
        fmt::format("model.d_model / model.num_heads is {}, must be even: model.positions = "
                    "\"rotary\" turns pairs of numbers",
                    head_dim()));
  if (tying == Tying::kAll && src_vocab_size != tgt_vocab_size)
    throw std::runtime_error(
        fmt::format("model.tying = \"all\" needs one joint vocabulary, but the source has {} "
                    "pieces and the target "
                    "{}; use tying = \"decoder\" or tokenizer.joint = true",
                    src_vocab_size, tgt_vocab_size));
}

}  // namespace heed
