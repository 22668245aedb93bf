#include "model/sampling.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "model/row_scan.h"
#include "model/split_mix.h"

namespace heed {
namespace {

/// Uniform in [0, 1).
double uniform(std::uint64_t seed, std::uint64_t sample, std::int64_t place) {
  const std::uint64_t stream = split_mix(split_mix(seed + kSplitMixStep) + sample);
  const std::uint64_t bits =
      split_mix(stream + (static_cast<std::uint64_t>(place) + 1) * kSplitMixStep);
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

/// A sample that goes on.
struct LiveSample {
  std::size_t number = 0;
  std::int32_t row = 0;  // whose scores are of what follows it
  bool has_ended = false;
};

bool has_ended(const LiveSample& one) {
  return one.has_ended;
}

/// Those of one sentence of the batch.
struct SentenceSamples {
  std::size_t index = 0;  // in the batch
  std::uint64_t seed = 0;
  SentenceLimits limits;
  std::vector<LiveSample> live;  // by rows, ascending

  /// Those that a row's scores are for.
  std::span<LiveSample> readers_of(std::int64_t row) {
    const auto is_before = [](const LiveSample& one, std::int64_t of) { return one.row < of; };
    const auto first = std::lower_bound(live.begin(), live.end(), row, is_before);
    return {first, std::lower_bound(first, live.end(), row + 1, is_before)};
  }
};

class Sampler {
 public:
  Sampler(NextTokenScorer& scorer, std::span<const std::vector<std::int32_t>> sources,
          const SamplingOptions& options, std::span<const std::uint64_t> seeds,
          std::span<const std::vector<std::int32_t>> prefixes);

  std::vector<std::vector<Hypothesis>> run();

 private:
  void extend_row(std::int64_t row, std::span<float> scores);
  void extend(LiveSample& one, Hypothesis& sample, std::int32_t token, double log_prob) const;
  void lay_out_rows();
  void finish();

  NextTokenScorer& scorer_;
  const SamplingOptions& options_;
  TokenDistribution distribution_;
  RowScan scan_;
  std::vector<SentenceSamples> active_;
  std::vector<std::vector<Hypothesis>> results_;
  std::vector<std::int32_t> tokens_;   // of each row
  std::vector<std::int32_t> origins_;  // of each row
  std::int64_t rows_of_each_ = 1;      // sentence
  std::int64_t length_ = 0;            // tokens of the samples that go on
};

Sampler::Sampler(NextTokenScorer& scorer, std::span<const std::vector<std::int32_t>> sources,
                 const SamplingOptions& options, std::span<const std::uint64_t> seeds,
                 std::span<const std::vector<std::int32_t>> prefixes)
    : scorer_(scorer), options_(options), distribution_(options.draw) {
  const auto count = static_cast<std::size_t>(options.num_samples);
  for (const SentenceLimits& limits : limits_of_each(sources, prefixes, options)) {
    const std::size_t index = active_.size();
    SentenceSamples& sentence = active_.emplace_back();
    sentence.index = index;
    sentence.seed = seeds[index];
    sentence.limits = limits;
    for (std::size_t number = 0; number < count; ++number)
      sentence.live.push_back({number, static_cast<std::int32_t>(index)});
  }
  results_.assign(sources.size(), std::vector<Hypothesis>(count));
  tokens_.assign(sources.size(), options.bos_id);
  origins_.resize(sources.size());
  std::iota(origins_.begin(), origins_.end(), 0);
  scorer_.want_attention(false);
  scorer_.start(sources);
}

std::vector<std::vector<Hypothesis>> Sampler::run() {
  while (!active_.empty()) {
    scorer_.step(tokens_, origins_,
                 [this](std::int64_t row, std::span<float> scores) { extend_row(row, scores); });
    ++length_;
    for (SentenceSamples& sentence : active_) std::erase_if(sentence.live, has_ended);
    std::erase_if(active_, [](const SentenceSamples& sentence) { return sentence.live.empty(); });
    lay_out_rows();
  }
  finish();
  return std::move(results_);
}

/// Every sample that continues the row, by a token of its own.
void Sampler::extend_row(std::int64_t row, std::span<float> scores) {
  SentenceSamples& sentence = active_[static_cast<std::size_t>(row / rows_of_each_)];
  const std::span<LiveSample> readers = sentence.readers_of(row);
  if (readers.empty()) return;
  std::vector<Hypothesis>& samples = results_[sentence.index];
  scan_.read(scores, 1);
  bool is_possible = std::isfinite(scan_.largest());
  const double log_sum = is_possible ? log_sum_of(scorer_, scores, scan_.largest()) : 0.0;
  const auto only = only_token(sentence.limits, length_, options_);
  if (is_possible && !only) {
    ban(samples[readers.front().number].tokens, options_, scores);
    is_possible = distribution_.read(scores);
  }
  for (LiveSample& one : readers) {
    std::int32_t token = options_.eos_id;
    double log_prob = kImpossible;
    if (is_possible) {
      token = only ? *only : distribution_.draw(uniform(sentence.seed, one.number, length_));
      log_prob = static_cast<double>(scores[static_cast<std::size_t>(token)]) - log_sum;
    }
    extend(one, samples[one.number], token, log_prob);
  }
}

void Sampler::extend(LiveSample& one, Hypothesis& sample, std::int32_t token,
                     double log_prob) const {
  sample.log_prob += log_prob;
  one.has_ended = token == options_.eos_id || !(sample.log_prob > kImpossible);
  if (!one.has_ended) sample.tokens.push_back(token);
}

/// The next step's; a sentence with fewer samples than another gets rows that nobody reads.
void Sampler::lay_out_rows() {
  rows_of_each_ = 0;
  for (const SentenceSamples& sentence : active_)
    rows_of_each_ = std::max<std::int64_t>(rows_of_each_, std::ssize(sentence.live));
  tokens_.clear();
  origins_.clear();
  for (SentenceSamples& sentence : active_) {
    const std::int32_t any_row = sentence.live.front().row;
    for (LiveSample& one : sentence.live) {
      tokens_.push_back(results_[sentence.index][one.number].tokens.back());
      origins_.push_back(std::exchange(one.row, static_cast<std::int32_t>(origins_.size())));
    }
    const auto spare = static_cast<std::size_t>(rows_of_each_) - sentence.live.size();
    tokens_.insert(tokens_.end(), spare, options_.eos_id);
    origins_.insert(origins_.end(), spare, any_row);
  }
}

void Sampler::finish() {
  for (std::vector<Hypothesis>& samples : results_) {
    std::erase_if(samples, [](const Hypothesis& one) { return !(one.log_prob > kImpossible); });
    for (Hypothesis& one : samples)
      one.score =
          one.log_prob / length_penalty(std::ssize(one.tokens) + 1, options_.length_penalty);
  }
}

}  // namespace

std::vector<std::vector<Hypothesis>> sample(NextTokenScorer& scorer,
                                            std::span<const std::vector<std::int32_t>> sources,
                                            const SamplingOptions& options,
                                            std::span<const std::uint64_t> seeds,
                                            std::span<const std::vector<std::int32_t>> prefixes) {
  if (options.num_samples < 1)
    throw std::invalid_argument("the number of samples must be at least 1");
  if (seeds.size() != sources.size()) throw std::invalid_argument("as many seeds as sources");
  if (sources.empty()) return {};
  return Sampler(scorer, sources, options, seeds, prefixes).run();
}

}  // namespace heed
