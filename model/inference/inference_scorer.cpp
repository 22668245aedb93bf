#include "model/inference/inference_scorer.h"

#include <algorithm>
#include <numeric>

#include "model/inference/inference_encoder.h"
#include "model/inference/step_cache.h"

namespace heed {
namespace {

constexpr std::int64_t kLogitsAtATime = 200'000;  // stay in the second-level cache

template <typename T>
const StepAttentionKernels<T>& attention_kernels() {
  if constexpr (std::is_same_v<T, float>)
    return inference_kernels().attention_fp32;
  else
    return inference_kernels().attention_bf16;
}

/// Keys and values of the sources of a batch.
template <typename T>
struct MemoryLayer {
  AlignedBuffer<std::uint32_t> keys;
  AlignedBuffer<T> values;
};

/// T: what keys and values are kept in.
template <typename T>
class InferenceScorer : public NextTokenScorer {
 public:
  InferenceScorer(std::shared_ptr<const InferenceModel> model, std::int32_t source_end)
      : owned_model_(std::move(model)),
        model_(*owned_model_),
        source_end_(source_end),
        encoder_(model_),
        stream_(model_),
        memory_(model_.decoder_layers().size()),
        cache_(std::ssize(model_.decoder_layers()), model_.config().d_model) {}

  std::int64_t vocab_size() const override { return model_.config().tgt_vocab_size; }
  void start(std::span<const std::vector<std::int32_t>> sources) override;
  void step(std::span<const std::int32_t> tokens, std::span<const std::int32_t> beam_origins,
            const TakeScores& take) override;
  bool gives_attention() const override { return true; }
  void want_attention(bool wanted) override { wants_attention_ = wanted; }
  std::span<const float> attention(std::int64_t row) const override;

 private:
  /// Where a sentence's keys and values lie, the same in each layer.
  struct Source {
    std::int64_t length = 0;  // its end counted
    std::int64_t keys = 0;
    std::int64_t values = 0;
  };

  void reserve_memory(std::span<const std::vector<std::int32_t>> sources);
  void keep_memory(std::size_t first, std::span<const std::int32_t> offsets, RowStream& rows);
  void follow(std::span<const std::int32_t> beam_origins);
  void rotate_newest();
  void attend_to_past(std::size_t layer);
  void attend_to_source(std::size_t layer);
  void clear_attention();
  void mix_attention(std::size_t place);
  std::int64_t rows_of_each() const { return rows_ / std::ssize(active_); }
  const Source& source_of(std::size_t place) const {
    return sources_[static_cast<std::size_t>(active_[place])];
  }
  void project(const TakeScores& take);

  std::shared_ptr<const InferenceModel> owned_model_;
  const InferenceModel& model_;
  std::int32_t source_end_;
  const StepAttentionKernels<T>& kernels_ = attention_kernels<T>();
  InferenceEncoder encoder_;
  RowStream stream_;
  std::vector<Source> sources_;
  std::vector<MemoryLayer<T>> memory_;
  StepCache<T> cache_;
  std::vector<std::int32_t> active_;  // the sentences still in the batch
  std::int64_t rows_ = 0;             // of the newest step
  AlignedBuffer<float> projected_;    // [rows, up to 3 * d_model]
  AlignedBuffer<float> context_;      // [rows, d_model]
  AlignedBuffer<float> workspace_;
  AlignedBuffer<float> logits_;
  std::vector<float> angles_;
  bool wants_attention_ = false;
  AlignedBuffer<float> head_means_;             // of one sentence and layer: [rows, src_len]
  std::vector<float> attention_;                // the mean of the layers', sentence by sentence
  std::vector<std::int64_t> attention_begins_;  // where those of each sentence lie
};

template <typename T>
void InferenceScorer<T>::start(std::span<const std::vector<std::int32_t>> sources) {
  reserve_memory(sources);
  encoder_.encode(sources, source_end_,
                  [this](std::size_t first, std::span<const std::int32_t> offsets,
                         RowStream& rows) { keep_memory(first, offsets, rows); });
  rows_ = std::ssize(sources);
  active_.resize(sources.size());
  std::iota(active_.begin(), active_.end(), 0);
  cache_.start(rows_);
}

template <typename T>
void InferenceScorer<T>::reserve_memory(std::span<const std::vector<std::int32_t>> sources) {
  const TransformerConfig& config = model_.config();
  sources_.clear();
  std::int64_t keys = 0;
  std::int64_t rows = 0;
  for (const auto& source : sources) {
    const std::int64_t length = std::ssize(source) + 1;
    sources_.push_back({length, keys, rows * config.d_model});
    keys += kernels_.keys_size(length, config.num_heads, config.head_dim());
    rows += length;
  }
  for (MemoryLayer<T>& layer : memory_) {
    layer.keys.reserve(keys);
    layer.values.reserve(rows * config.d_model);
  }
}

template <typename T>
void InferenceScorer<T>::keep_memory(std::size_t first, std::span<const std::int32_t> offsets,
                                     RowStream& rows) {
  const TransformerConfig& config = model_.config();
  const std::int64_t width = 2 * config.d_model;
  float* key_value = projected_.reserve(rows.rows() * width);
  for (std::size_t layer = 0; layer < memory_.size(); ++layer) {
    rows.multiply(model_.decoder_layers()[layer].cross_attention.key_value, key_value);
    for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
      const Source& source = sources_[first + i];
      const float* from = key_value + offsets[i] * width;
      kernels_.pack_keys(from, width, source.length, config.num_heads, config.head_dim(),
                         memory_[layer].keys.data() + source.keys);
      for (std::int64_t row = 0; row < source.length; ++row)
        kernels_.store(from + row * width + config.d_model, config.d_model,
                       memory_[layer].values.data() + source.values + row * config.d_model);
    }
  }
}

/// Rows of the step before are grouped by sentence, equally many each, so a row's sentence is its
/// place divided by that number.
template <typename T>
void InferenceScorer<T>::follow(std::span<const std::int32_t> beam_origins) {
  const std::int64_t rows_of_each_before = rows_of_each();
  std::vector<std::int32_t> staying;
  std::int64_t last = -1;
  for (const std::int32_t origin : beam_origins) {
    const std::int64_t place = origin / rows_of_each_before;
    if (place != last) staying.push_back(active_[static_cast<std::size_t>(place)]);
    last = place;
  }
  active_ = std::move(staying);
  rows_ = std::ssize(beam_origins);
  cache_.advance(beam_origins);
}

template <typename T>
void InferenceScorer<T>::step(std::span<const std::int32_t> tokens,
                              std::span<const std::int32_t> beam_origins, const TakeScores& take) {
  const std::int64_t d_model = model_.config().d_model;
  follow(beam_origins);
  if (wants_attention_) clear_attention();
  stream_.resize(rows_);
  context_.reserve(rows_ * d_model);
  projected_.reserve(rows_ * 3 * d_model);
  for (std::int64_t row = 0; row < rows_; ++row)
    model_.tgt_embedding().embed(tokens[static_cast<std::size_t>(row)], cache_.positions() - 1,
                                 stream_.sum() + row * d_model);
  stream_.begin();
  for (std::size_t layer = 0; layer < model_.decoder_layers().size(); ++layer) {
    attend_to_past(layer);
    attend_to_source(layer);
    stream_.feed_forward(model_.decoder_layers()[layer].feed_forward);
  }
  stream_.end(model_.decoder_norm());
  project(take);
}

/// The projected queries and keys of this step.
template <typename T>
void InferenceScorer<T>::rotate_newest() {
  const TransformerConfig& config = model_.config();
  RotaryArguments rotation;
  rotation.rows = rows_;
  rotation.stride = 3 * config.d_model;
  rotation.columns = 2 * config.d_model;
  rotation.head_dim = config.head_dim();
  rotation.angles = model_.rotary_table()->rows(cache_.positions() - 1, 1, angles_);
  kernels<float>().rotate(rotation, projected_.data());
}

template <typename T>
void InferenceScorer<T>::attend_to_past(std::size_t layer) {
  const TransformerConfig& config = model_.config();
  const PackedSelfAttention& weights = model_.decoder_layers()[layer].self_attention;
  float* projected = projected_.data();
  stream_.enter(weights.norm);
  stream_.multiply(weights.query_key_value, projected);
  if (model_.rotary_table() != nullptr) rotate_newest();
  T* newest = cache_.newest(layer);
  for (std::int64_t row = 0; row < rows_; ++row)
    kernels_.store(projected + (3 * row + 1) * config.d_model, 2 * config.d_model,
                   newest + 2 * row * config.d_model);
  StepSelfAttention<T> arguments;
  arguments.rows = rows_;
  arguments.heads = config.num_heads;
  arguments.head_dim = config.head_dim();
  arguments.positions = cache_.positions();
  arguments.queries = projected;
  arguments.query_stride = 3 * config.d_model;
  arguments.blocks = cache_.blocks(layer);
  arguments.ancestors = cache_.ancestors();
  arguments.ancestor_stride = cache_.ancestor_stride();
  arguments.out = context_.data();
  arguments.workspace = workspace_.reserve(config.num_heads * (cache_.positions() + 16));
  kernels_.self(arguments);
  stream_.leave(context_.data(), weights.output, weights.norm);
}

template <typename T>
void InferenceScorer<T>::attend_to_source(std::size_t layer) {
  const TransformerConfig& config = model_.config();
  const PackedCrossAttention& weights = model_.decoder_layers()[layer].cross_attention;
  stream_.enter(weights.norm);
  stream_.multiply(weights.query, projected_.data());
  const std::int64_t rows = rows_of_each();
  StepCrossAttention<T> arguments;
  arguments.rows = rows;
  arguments.heads = config.num_heads;
  arguments.head_dim = config.head_dim();
  for (std::size_t i = 0; i < active_.size(); ++i) {
    const Source& source = source_of(i);
    const std::int64_t offset = static_cast<std::int64_t>(i) * rows * config.d_model;
    arguments.src_len = source.length;
    arguments.queries = projected_.data() + offset;
    arguments.keys = memory_[layer].keys.data() + source.keys;
    arguments.values = memory_[layer].values.data() + source.values;
    arguments.out = context_.data() + offset;
    arguments.workspace = workspace_.reserve(rows * (source.length + 16 + config.head_dim()));
    if (wants_attention_) arguments.weights = head_means_.reserve(rows * source.length);
    kernels_.cross(arguments);
    if (wants_attention_) mix_attention(i);
  }
  stream_.leave(context_.data(), weights.output, weights.norm);
}

template <typename T>
void InferenceScorer<T>::clear_attention() {
  std::int64_t size = 0;
  attention_begins_.clear();
  for (std::size_t place = 0; place < active_.size(); ++place) {
    attention_begins_.push_back(size);
    size += rows_of_each() * source_of(place).length;
  }
  attention_.assign(static_cast<std::size_t>(size), 0.0F);
}

/// Adds a layer's share of a sentence's.
template <typename T>
void InferenceScorer<T>::mix_attention(std::size_t place) {
  const float share = 1.0F / static_cast<float>(memory_.size());
  const float* from = head_means_.data();
  float* to = attention_.data() + attention_begins_[place];
  const std::int64_t size = rows_of_each() * source_of(place).length;
  for (std::int64_t i = 0; i < size; ++i) to[i] += share * from[i];
}

template <typename T>
std::span<const float> InferenceScorer<T>::attention(std::int64_t row) const {
  const auto place = static_cast<std::size_t>(row / rows_of_each());
  const std::int64_t length = source_of(place).length;
  return {attention_.data() + attention_begins_[place] + row % rows_of_each() * length,
          static_cast<std::size_t>(length)};
}

/// Some rows at a time, whose scores are taken while they are in the cache.
template <typename T>
void InferenceScorer<T>::project(const TakeScores& take) {
  const std::int64_t size = vocab_size();
  const std::int64_t at_a_time = std::max<std::int64_t>(6, kLogitsAtATime / size / 6 * 6);
  float* logits = logits_.reserve(std::min(at_a_time, rows_) * size);
  for (std::int64_t first = 0; first < rows_; first += at_a_time) {
    const std::int64_t count = std::min(at_a_time, rows_ - first);
    stream_.multiply_rows(model_.output(), first, count, logits);
    for (std::int64_t row = 0; row < count; ++row)
      take(first + row, {logits + row * size, static_cast<std::size_t>(size)});
  }
}

}  // namespace

std::unique_ptr<NextTokenScorer> make_inference_scorer(std::shared_ptr<const InferenceModel> model,
                                                       std::int32_t source_end) {
  // Pairs of bfloat16 need an even width of heads.
  if (model->precision() == WeightPrecision::kFp32 || model->config().head_dim() % 2 != 0)
    return std::make_unique<InferenceScorer<float>>(std::move(model), source_end);
  return std::make_unique<InferenceScorer<BFloat16>>(std::move(model), source_end);
}

}  // namespace heed
