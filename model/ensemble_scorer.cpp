#include "model/ensemble_scorer.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "model/kernels/inference_kernels.h"
#include "model/kernels/kernels.h"

namespace heed {
namespace {

/// Log-probabilities in place of a member's scores.
void normalize(const NextTokenScorer& member, std::span<float> scores) {
  if (member.is_normalized()) return;
  const float largest = *std::max_element(scores.begin(), scores.end());
  if (!std::isfinite(largest)) return;  // a member that knows of nothing to follow
  const auto log_sum = static_cast<float>(
      inference_kernels().rows.log_sum_exp(scores.data(), std::ssize(scores), largest));
  for (float& score : scores) score -= log_sum;
}

/// log(exp(a) + exp(b)).
float log_add(float a, float b) {
  const float high = std::max(a, b);
  if (!std::isfinite(high)) return high;
  return high + std::log1p(std::exp(std::min(a, b) - high));
}

}  // namespace

EnsembleScorer::EnsembleScorer(std::vector<std::unique_ptr<NextTokenScorer>> members)
    : members_(std::move(members)) {
  if (members_.empty()) throw std::invalid_argument("an ensemble of no models");
  for (const auto& member : members_)
    if (member->vocab_size() != members_.front()->vocab_size())
      throw std::invalid_argument("an ensemble of models with different vocabularies");
}

void EnsembleScorer::start(std::span<const std::vector<std::int32_t>> sources) {
  for (const auto& member : members_) member->start(sources);
}

void EnsembleScorer::step(std::span<const std::int32_t> tokens,
                          std::span<const std::int32_t> beam_origins, const TakeScores& take) {
  const auto size = static_cast<std::size_t>(vocab_size());
  const auto share = static_cast<float>(std::log(static_cast<double>(members_.size())));
  log_means_.resize(tokens.size() * size);
  attention_.assign(wants_attention_ ? tokens.size() : 0, {});
  for (const auto& member : members_) {
    member->step(tokens, beam_origins, [&](std::int64_t row, std::span<float> scores) {
      normalize(*member, scores);
      float* means = log_means_.data() + static_cast<std::size_t>(row) * size;
      for (std::size_t i = 0; i < size; ++i)
        means[i] =
            member == members_.front() ? scores[i] - share : log_add(means[i], scores[i] - share);
    });
    if (wants_attention_) mix_attention(*member);
  }
  for (std::size_t row = 0; row < tokens.size(); ++row)
    take(static_cast<std::int64_t>(row), std::span(log_means_).subspan(row * size, size));
}

bool EnsembleScorer::gives_attention() const {
  return std::all_of(members_.begin(), members_.end(),
                     [](const auto& member) { return member->gives_attention(); });
}

void EnsembleScorer::want_attention(bool wanted) {
  wants_attention_ = wanted;
  for (const auto& member : members_) member->want_attention(wanted);
}

/// Adds a member's share.
void EnsembleScorer::mix_attention(const NextTokenScorer& member) {
  const float share = 1.0F / static_cast<float>(members_.size());
  for (std::size_t row = 0; row < attention_.size(); ++row) {
    const std::span<const float> weights = member.attention(static_cast<std::int64_t>(row));
    attention_[row].resize(weights.size());
    for (std::size_t i = 0; i < weights.size(); ++i) attention_[row][i] += share * weights[i];
  }
}

}  // namespace heed
