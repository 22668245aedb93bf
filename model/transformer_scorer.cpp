#include "model/transformer_scorer.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "model/aten_ops.h"

namespace heed {
namespace {

at::Tensor to_tensor(std::span<const std::int32_t> values, at::Device device) {
  at::Tensor tensor = at::empty({static_cast<std::int64_t>(values.size())}, at::kLong);
  std::copy(values.begin(), values.end(), tensor.mutable_data_ptr<std::int64_t>());
  return tensor.to(device);
}

}  // namespace

TransformerScorer::TransformerScorer(const Transformer& transformer, std::int32_t source_end,
                                     at::Device device)
    : transformer_(transformer), source_end_(source_end), device_(device) {}

void TransformerScorer::start(std::span<const std::vector<std::int32_t>> sources) {
  const at::NoGradGuard no_grad;
  const std::vector<std::span<const std::int32_t>> rows(sources.begin(), sources.end());
  const PackedIds src = pack_ids(rows, /*before=*/-1, source_end_);
  const Memory memory = transformer_.encode(src.to(device_), ForwardContext{});
  state_ = transformer_.start(memory);
  rows_ = static_cast<std::int64_t>(sources.size());
  src_lens_.clear();
  for (const auto& source : sources) src_lens_.push_back(std::ssize(source) + 1);
}

/// Rows of the step before are grouped by sentence, equally many each, so a row's sentence is its
/// index divided by that number.
void TransformerScorer::reorder(std::span<const std::int32_t> beam_origins) {
  const std::int64_t rows_per_sentence = rows_ / state_.num_sentences();
  std::vector<std::int32_t> sentences;
  std::vector<std::int64_t> src_lens;
  for (const std::int32_t origin : beam_origins) {
    const auto sentence = static_cast<std::int32_t>(origin / rows_per_sentence);
    if (!sentences.empty() && sentences.back() == sentence) continue;
    sentences.push_back(sentence);
    src_lens.push_back(src_lens_[static_cast<std::size_t>(sentence)]);
  }
  src_lens_ = std::move(src_lens);
  state_.reorder(to_tensor(beam_origins, device_), to_tensor(sentences, device_));
  rows_ = static_cast<std::int64_t>(beam_origins.size());
}

void TransformerScorer::step(std::span<const std::int32_t> tokens,
                             std::span<const std::int32_t> beam_origins, const TakeScores& take) {
  const at::NoGradGuard no_grad;
  reorder(beam_origins);
  AttentionWeights weights;
  ForwardContext context;
  if (wants_attention_) context.weights = &weights;
  const at::Tensor hidden = transformer_.step(to_tensor(tokens, device_), state_, context);
  if (wants_attention_) keep_attention(weights);
  const at::Tensor logits = transformer_.project(hidden).to(at::kCPU, at::kFloat).contiguous();
  auto* scores = logits.mutable_data_ptr<float>();
  const std::int64_t size = logits.size(1);
  for (std::int64_t row = 0; row < logits.size(0); ++row)
    take(row, {scores + row * size, static_cast<std::size_t>(size)});
}

void TransformerScorer::keep_attention(const AttentionWeights& weights) {
  attention_ = at::zeros_like(weights.cross.front().select(1, 0));
  for (const at::Tensor& layer : weights.cross) attention_.add_(layer.mean(1));
  attention_ = (attention_ / static_cast<double>(weights.cross.size())).to(at::kCPU).contiguous();
}

std::span<const float> TransformerScorer::attention(std::int64_t row) const {
  const auto sentence = static_cast<std::size_t>(row / attention_.size(1));
  return {attention_.const_data_ptr<float>() + row * attention_.size(2),
          static_cast<std::size_t>(src_lens_[sentence])};
}

}  // namespace heed
