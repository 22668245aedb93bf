#include "model/inference/inference_encoder.h"

#include <algorithm>

namespace heed {
namespace {

constexpr std::int64_t kGroupRows = 192;

}  // namespace

void InferenceEncoder::encode(std::span<const std::vector<std::int32_t>> sources,
                              std::int32_t source_end, const TakeGroup& take) {
  const std::int64_t d_model = model_.config().d_model;
  for (std::size_t first = 0; first < sources.size();) {
    std::vector<std::int32_t> offsets{0};
    std::size_t last = first;
    for (; last < sources.size(); ++last) {
      const std::int64_t end = offsets.back() + std::ssize(sources[last]) + 1;
      if (last > first && end > kGroupRows) break;
      offsets.push_back(static_cast<std::int32_t>(end));
    }
    stream_.resize(offsets.back());
    float* row = stream_.sum();
    for (std::size_t index = first; index < last; ++index) {
      const std::vector<std::int32_t>& source = sources[index];
      for (std::int64_t position = 0; position <= std::ssize(source); ++position, row += d_model)
        model_.src_embedding().embed(
            position < std::ssize(source) ? source[static_cast<std::size_t>(position)] : source_end,
            position, row);
    }
    run_layers(offsets);
    take(first, offsets, stream_);
    first = last;
  }
}

void InferenceEncoder::run_layers(std::span<const std::int32_t> offsets) {
  const std::int64_t rows = offsets.back();
  const TransformerConfig& config = model_.config();
  std::int64_t longest = 0;
  for (std::size_t i = 1; i < offsets.size(); ++i)
    longest = std::max<std::int64_t>(longest, offsets[i] - offsets[i - 1]);
  query_key_value_.reserve(rows * 3 * config.d_model);
  context_.reserve(rows * config.d_model);
  log_sums_.reserve(rows * config.num_heads);
  workspace_.reserve(kernels<float>().attention_workspace(longest, config.head_dim()));
  stream_.begin();
  for (const PackedEncoderLayer& layer : model_.encoder_layers()) {
    stream_.enter(layer.self_attention.norm);
    stream_.multiply(layer.self_attention.query_key_value, query_key_value_.data());
    if (model_.rotary_table() != nullptr) rotate(offsets);
    attend(offsets);
    stream_.leave(context_.data(), layer.self_attention.output, layer.self_attention.norm);
    stream_.feed_forward(layer.feed_forward);
  }
  stream_.end(model_.encoder_norm());
}

void InferenceEncoder::rotate(std::span<const std::int32_t> offsets) {
  const TransformerConfig& config = model_.config();
  RotaryArguments rotation;
  rotation.rows = 1;
  rotation.columns = 2 * config.d_model;
  rotation.head_dim = config.head_dim();
  float* row = query_key_value_.data();
  for (std::size_t i = 1; i < offsets.size(); ++i) {
    const std::int64_t length = offsets[i] - offsets[i - 1];
    rotation.angles = model_.rotary_table()->rows(0, length, angles_);
    for (std::int64_t position = 0; position < length; ++position, row += 3 * config.d_model) {
      kernels<float>().rotate(rotation, row);
      rotation.angles += config.head_dim();
    }
  }
}

void InferenceEncoder::attend(std::span<const std::int32_t> offsets) {
  const TransformerConfig& config = model_.config();
  AttentionArguments<float> arguments;
  arguments.batch = std::ssize(offsets) - 1;
  arguments.heads = config.num_heads;
  arguments.head_dim = config.head_dim();
  arguments.q_offsets = arguments.k_offsets = offsets.data();
  arguments.q = query_key_value_.data();
  arguments.k = arguments.q + config.d_model;
  arguments.v = arguments.k + config.d_model;
  arguments.q_stride = arguments.kv_stride = 3 * config.d_model;
  arguments.out = context_.data();
  arguments.log_sums = log_sums_.data();
  arguments.workspace = workspace_.data();
  kernels<float>().attention_forward(arguments);
}

}  // namespace heed
