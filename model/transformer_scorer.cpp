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
}

/// Rows of the step before are grouped by sentence, equally many each, so a row's sentence is its
/// index divided by that number.
void TransformerScorer::reorder(std::span<const std::int32_t> beam_origins) {
  const std::int64_t rows_per_sentence = rows_ / state_.num_sentences();
  std::vector<std::int32_t> sentences;
  for (const std::int32_t origin : beam_origins) {
    const auto sentence = static_cast<std::int32_t>(origin / rows_per_sentence);
    if (sentences.empty() || sentences.back() != sentence) sentences.push_back(sentence);
  }
  state_.reorder(to_tensor(beam_origins, device_), to_tensor(sentences, device_));
  rows_ = static_cast<std::int64_t>(beam_origins.size());
}

void TransformerScorer::step(std::span<const std::int32_t> tokens,
                             std::span<const std::int32_t> beam_origins, const TakeScores& take) {
  const at::NoGradGuard no_grad;
  reorder(beam_origins);
  const at::Tensor hidden = transformer_.step(to_tensor(tokens, device_), state_);
  const at::Tensor logits = transformer_.project(hidden).to(at::kCPU, at::kFloat).contiguous();
  auto* scores = logits.mutable_data_ptr<float>();
  const std::int64_t size = logits.size(1);
  for (std::int64_t row = 0; row < logits.size(0); ++row)
    take(row, {scores + row * size, static_cast<std::size_t>(size)});
}

}  // namespace heed
