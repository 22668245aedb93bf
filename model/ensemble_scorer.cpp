#include "model/ensemble_scorer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "model/kernels/inference_kernels.h"
#include "model/kernels/kernels.h"

namespace heed {

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
  sums_.assign(tokens.size() * size, std::numeric_limits<float>::min());  // which has a logarithm
  attention_.assign(wants_attention_ ? tokens.size() : 0, {});
  for (const auto& member : members_) {
    member->step(tokens, beam_origins, [&](std::int64_t row, std::span<float> scores) {
      const auto sums = std::span(sums_).subspan(static_cast<std::size_t>(row) * size, size);
      add(*member, scores, sums);
      if (member != members_.back()) return;
      inference_kernels().rows.logarithms(sums.data(), std::ssize(sums), share);
      take(row, sums);
    });
    if (wants_attention_) mix_attention(*member);
  }
}

/// Adds what a member thinks of a row.
void EnsembleScorer::add(const NextTokenScorer& member, std::span<const float> scores,
                         std::span<float> sums) {
  scan_.read(scores, 1);
  if (!std::isfinite(scan_.largest())) return;  // it knows of nothing to follow
  const auto log_sum = static_cast<float>(log_sum_of(member, scores, scan_.largest()));
  inference_kernels().rows.add_probabilities(scores.data(), std::ssize(scores), log_sum,
                                             sums.data());
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
