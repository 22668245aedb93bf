#include "model/word_alignment/hmm_chain.h"

#include <algorithm>

namespace heed {
namespace {

constexpr float kLeast = 1e-30F;  // a sum to divide by, where nothing is possible

/// Never quite 0: a word that nothing can emit would leave the words around it without any path.
constexpr float kLeastNull = 1e-25F;

/// result[x] = sum over y of weight(direction * (x - y)) * values[y]. Far jumps weigh the same, so
/// that they are sums over the ends of `values`.
void convolve(const JumpTable& jumps, int direction, const std::vector<float>& values,
              std::vector<float>& result) {
  constexpr int kFar = JumpTable::kFar;
  const auto n = static_cast<int>(values.size());
  std::fill(result.begin(), result.end(), 0.0F);
  for (int jump = std::max(1 - kFar, 1 - n); jump < std::min(kFar, n); ++jump) {
    const float weight = jumps.weight(direction * jump);
    const int begin = std::max(0, jump);
    const int end = std::min(n, n + jump);
    const float* shifted = values.data() + (begin - jump);
    float* sums = result.data() + begin;
    for (int i = 0; i < end - begin; ++i) sums[i] += weight * shifted[i];
  }
  float before = 0.0F;
  float after = 0.0F;
  for (int x = kFar; x < n; ++x) {
    before += values[static_cast<std::size_t>(x - kFar)];
    result[static_cast<std::size_t>(x)] += jumps.weight(direction * kFar) * before;
    after += values[static_cast<std::size_t>(n - 1 - (x - kFar))];
    result[static_cast<std::size_t>(n - 1 - x)] += jumps.weight(-direction * kFar) * after;
  }
}

float sum_of(const float* values, std::size_t count) {
  float sum = 0.0F;
  for (std::size_t i = 0; i < count; ++i) sum += values[i];
  return sum;
}

}  // namespace

JumpTable::JumpTable(std::span<const double> counts) : weights_(kSize) {
  constexpr double kSmoothing = 1e-3;  // of a jump, so that an unseen one stays possible
  double sum = 0.0;
  for (const double count : counts) sum += count;
  for (std::size_t i = 0; i < kSize; ++i)
    weights_[i] = static_cast<float>((counts[i] + kSmoothing) / (sum + kSmoothing * kSize));
}

void HmmChain::prepare_jumps(std::size_t states) {
  states_ = states;
  start_.resize(states);
  for (std::size_t state = 0; state < states; ++state)
    start_[state] = jumps_.weight(static_cast<int>(state) + 1);
  const float start_sum = sum_of(start_.data(), states);
  for (float& probability : start_) probability /= start_sum;

  for (std::vector<float>* room : {&from_, &into_, &moved_, &jump_scale_}) room->resize(states);
  std::fill(into_.begin(), into_.end(), 1.0F);
  convolve(jumps_, -1, into_, jump_scale_);
  for (float& scale : jump_scale_) scale = 1.0F / scale;
}

void HmmChain::run(const Emissions& emissions, std::vector<float>& posteriors,
                   std::vector<double>* jump_counts) {
  posteriors.assign(emissions.words * emissions.states, 0.0F);
  if (emissions.words == 0 || emissions.states == 0) return;
  prepare_jumps(emissions.states);
  forward(emissions);
  backward(emissions, jump_counts);
  for (std::size_t word = 0; word < emissions.words; ++word) {
    const float* linked = &alpha_[word * 2 * states_];
    const float* beta = &beta_[word * states_];
    for (std::size_t state = 0; state < states_; ++state)
      posteriors[word * states_ + state] = linked[state] * beta[state];
  }
}

void HmmChain::forward(const Emissions& emissions) {
  alpha_.resize(emissions.words * 2 * states_);
  scale_.resize(emissions.words);
  for (std::size_t word = 0; word < emissions.words; ++word) {
    float* linked = &alpha_[word * 2 * states_];
    float* unlinked = linked + states_;
    if (word == 0) {
      std::copy(start_.begin(), start_.end(), moved_.begin());
      std::copy(start_.begin(), start_.end(), unlinked);
    } else {
      const float* previous = linked - 2 * states_;
      for (std::size_t state = 0; state < states_; ++state) {
        unlinked[state] = previous[state] + previous[states_ + state];
        from_[state] = unlinked[state] * jump_scale_[state];
      }
      convolve(jumps_, 1, from_, moved_);
    }
    const float* emission = &emissions.of_state[word * states_];
    const float null = null_probability_ * std::max(kLeastNull, emissions.of_null[word]);
    for (std::size_t state = 0; state < states_; ++state) {
      linked[state] = moved_[state] * (1.0F - null_probability_) * emission[state];
      unlinked[state] *= null;
    }
    scale_[word] = std::max(kLeast, sum_of(linked, 2 * states_));
    for (std::size_t i = 0; i < 2 * states_; ++i) linked[i] /= scale_[word];
  }
}

void HmmChain::backward(const Emissions& emissions, std::vector<double>* jump_counts) {
  beta_.resize(emissions.words * states_);
  std::fill(beta_.end() - static_cast<std::ptrdiff_t>(states_), beta_.end(), 1.0F);
  for (std::size_t word = emissions.words - 1; word > 0; --word) {
    const float* next = &beta_[word * states_];
    float* beta = &beta_[(word - 1) * states_];
    const float* emission = &emissions.of_state[word * states_];
    const float null =
        null_probability_ * std::max(kLeastNull, emissions.of_null[word]) / scale_[word];
    for (std::size_t state = 0; state < states_; ++state)
      into_[state] = (1.0F - null_probability_) * emission[state] * next[state] / scale_[word];
    convolve(jumps_, -1, into_, moved_);
    const float* linked = &alpha_[(word - 1) * 2 * states_];
    for (std::size_t state = 0; state < states_; ++state) {
      beta[state] = jump_scale_[state] * moved_[state] + null * next[state];
      from_[state] = (linked[state] + linked[states_ + state]) * jump_scale_[state];
    }
    if (jump_counts != nullptr) count_jumps(*jump_counts);
  }
}

void HmmChain::count_jumps(std::vector<double>& counts) const {
  constexpr int kFar = JumpTable::kFar;
  const auto n = static_cast<int>(states_);
  const auto count = [&](int jump) -> double& {
    const int place = jump + kFar;
    return counts[static_cast<std::size_t>(place)];
  };
  for (int jump = std::max(1 - kFar, 1 - n); jump < std::min(kFar, n); ++jump) {
    float sum = 0.0F;
    const int begin = std::max(0, -jump);
    const int end = std::min(n, n - jump);
    const float* from = from_.data() + begin;
    const float* into = into_.data() + (begin + jump);
    for (int i = 0; i < end - begin; ++i) sum += from[i] * into[i];
    count(jump) += static_cast<double>(jumps_.weight(jump) * sum);
  }
  float before = 0.0F;
  float after = 0.0F;
  double forward = 0.0;
  double back = 0.0;
  for (int x = kFar; x < n; ++x) {
    before += from_[static_cast<std::size_t>(x - kFar)];
    forward += static_cast<double>(before * into_[static_cast<std::size_t>(x)]);
    after += from_[static_cast<std::size_t>(n - 1 - (x - kFar))];
    back += static_cast<double>(after * into_[static_cast<std::size_t>(n - 1 - x)]);
  }
  count(kFar) += static_cast<double>(jumps_.weight(kFar)) * forward;
  count(-kFar) += static_cast<double>(jumps_.weight(-kFar)) * back;
}

}  // namespace heed
