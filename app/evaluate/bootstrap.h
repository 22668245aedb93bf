#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "data/random.h"

namespace heed {

/// Half of the span of the middle 95 % of resampled scores, around their mean.
struct ConfidenceInterval {
  double mean = 0.0;
  double half_width = 0.0;
};

/// The interval of at least one score; std::invalid_argument when there is none. As sacreBLEU's:
/// the floor(n / 40) lowest and highest scores are left out.
ConfidenceInterval confidence_interval(std::span<const double> scores);

/// All of them added up.
template <class Statistics>
Statistics sum_of(const std::vector<Statistics>& segments) {
  Statistics sum;
  for (const Statistics& segment : segments) sum += segment;
  return sum;
}

/// Scores of `num_samples` corpora, each as many segments as `segments`, drawn from them with
/// replacement (Koehn, "Statistical Significance Tests for Machine Translation Evaluation", EMNLP
/// 2004). `score` is called as `double(const Statistics&)` with the sum of a sample. Sample i is
/// drawn from stream i of `seed` and from the number of segments alone, so that two systems, or two
/// metrics, are scored on the same samples.
template <class Statistics, class Score>
std::vector<double> bootstrap_scores(const std::vector<Statistics>& segments, const Score& score,
                                     std::size_t num_samples, std::uint64_t seed) {
  std::vector<double> scores;
  scores.reserve(num_samples);
  for (std::size_t sample = 0; sample < num_samples; ++sample) {
    SplitMix64 random(seed, sample);
    Statistics sum;
    for (std::size_t i = 0; i < segments.size(); ++i) {
      sum += segments[static_cast<std::size_t>(random.uniform_below(segments.size()))];
    }
    scores.push_back(score(sum));
  }
  return scores;
}

/// Probability of a difference between two systems at least as large as the one seen,
/// `score_difference`, if they were equally good: from both systems' scores on the same samples,
/// with the samples' mean absolute difference taken off, as sacreBLEU and Moses do.
/// 1 when the difference seen is 0: there is nothing to explain. (sacreBLEU gives its smallest
/// value for two identical outputs.) std::invalid_argument unless both hold equally many scores.
double paired_bootstrap_p_value(std::span<const double> scores_a, std::span<const double> scores_b,
                                double score_difference);

/// The share of `chance_differences` above |score_difference|, with one added to both of its parts
/// so that it is never 0; 1 when `score_difference` is 0.
double p_value(std::span<const double> chance_differences, double score_difference);

/// The same probability by approximate randomisation (Riezler and Maxwell, "On Some Pitfalls in
/// Automatic Evaluation and Significance Testing for MT", 2005): in each trial every segment goes
/// to the other system with probability 1/2, and the absolute difference is taken anew.
/// `segments_a` and `segments_b` have the same size.
template <class Statistics, class Score>
double paired_randomization_p_value(const std::vector<Statistics>& segments_a,
                                    const std::vector<Statistics>& segments_b, const Score& score,
                                    std::size_t num_trials, std::uint64_t seed) {
  const Statistics total_a = sum_of(segments_a);
  const Statistics total_b = sum_of(segments_b);
  Statistics both = total_a;
  both += total_b;

  std::vector<double> differences;
  differences.reserve(num_trials);
  for (std::size_t trial = 0; trial < num_trials; ++trial) {
    SplitMix64 random(seed, trial);
    Statistics shuffled_a;
    std::uint64_t coins = 0;
    for (std::size_t i = 0; i < segments_a.size(); ++i, coins >>= 1) {
      if (i % 64 == 0) coins = random.next();
      shuffled_a += (coins & 1) != 0 ? segments_b[i] : segments_a[i];
    }
    Statistics shuffled_b = both;
    shuffled_b -= shuffled_a;
    differences.push_back(std::abs(score(shuffled_a) - score(shuffled_b)));
  }
  return p_value(differences, score(total_a) - score(total_b));
}

}  // namespace heed
