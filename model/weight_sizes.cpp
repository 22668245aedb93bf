#include "model/weight_sizes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <stdexcept>

namespace heed {
namespace {

/// The weights of all matrices of the layers and of the source embedding; in floating point, where
/// products of absurd sizes don't overflow.
double fewest_weights(const TransformerConfig& config) {
  const auto d_model = static_cast<double>(config.d_model);
  const double square = d_model * d_model;
  const double feed_forward = 2 * d_model * static_cast<double>(config.ffn_size);
  return static_cast<double>(config.src_vocab_size) * d_model +
         static_cast<double>(config.encoder_layers) * (4 * square + feed_forward) +
         static_cast<double>(config.decoder_layers) * (8 * square + feed_forward);
}

}  // namespace

void check_shape(const SafetensorsFile& file, const std::string& name,
                 std::span<const std::int64_t> shape) {
  const std::span<const std::int64_t> found = file.shape(name);
  if (std::ranges::equal(found, shape)) return;
  throw std::runtime_error(fmt::format("{}: tensor '{}' has shape [{}], expected [{}]",
                                       file.path().string(), name, fmt::join(found, ", "),
                                       fmt::join(shape, ", ")));
}

void check_weight_count(const SafetensorsFile& file, const TransformerConfig& config) {
  const auto bytes = std::filesystem::file_size(file.path());
  if (fewest_weights(config) <= static_cast<double>(bytes)) return;
  throw std::runtime_error(fmt::format(
      "{}: {} bytes are too few for the configuration's model (encoder_layers = {}, "
      "decoder_layers = {}, d_model = {}, ffn_size = {}, {} source pieces); they don't belong "
      "together",
      file.path().string(), bytes, config.encoder_layers, config.decoder_layers, config.d_model,
      config.ffn_size, config.src_vocab_size));
}

void check_weight_sizes(const SafetensorsFile& file, const TransformerConfig& config) {
  const auto check_table = [&](const std::string& side, std::int64_t rows) {
    check_shape(file, side + ".weight", std::array{rows, config.d_model});
    if (config.positions == PositionEncoding::kLearned)
      check_shape(file, side + ".positions", std::array{config.max_positions, config.d_model});
  };
  check_table("src_embedding", config.src_vocab_size);
  if (config.tying != Tying::kAll) check_table("tgt_embedding", config.tgt_vocab_size);
  check_weight_count(file, config);
}

}  // namespace heed
