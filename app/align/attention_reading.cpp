#include "app/align/attention_reading.h"

#include <fmt/format.h>

#include <numeric>

#include "app/errors.h"

namespace heed {

void resolve(HeadSelection& selection, const TransformerConfig& config) {
  const auto layers = static_cast<int>(config.decoder_layers);
  const auto heads = static_cast<int>(config.num_heads);
  const auto fill = [](std::vector<int>& indices, int count) {
    if (!indices.empty()) return;
    indices.resize(static_cast<std::size_t>(count));
    std::iota(indices.begin(), indices.end(), 0);
  };
  fill(selection.layers, layers);
  fill(selection.heads, heads);
  for (int& layer : selection.layers) {
    if (layer < -layers || layer >= layers)
      throw UsageError(
          fmt::format("layer {}: the decoder has {} layers, valid is 0 to {} (or -{} to -1)", layer,
                      layers, layers - 1, layers));
    if (layer < 0) layer += layers;
  }
  for (const int head : selection.heads)
    if (head < 0 || head >= heads)
      throw UsageError(
          fmt::format("head {}: a layer has {} heads, valid is 0 to {}", head, heads, heads - 1));
}

}  // namespace heed
