#include "app/evaluate/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace heed {
namespace {

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

ConfidenceInterval confidence_interval(std::span<const double> scores) {
  if (scores.empty()) throw std::invalid_argument("a confidence interval needs scores");
  std::vector<double> sorted(scores.begin(), scores.end());
  std::sort(sorted.begin(), sorted.end());
  const std::size_t tail = sorted.size() / 40;
  return {mean(sorted), 0.5 * (sorted[sorted.size() - 1 - tail] - sorted[tail])};
}

double p_value(std::span<const double> chance_differences, double score_difference) {
  if (score_difference == 0.0) return 1.0;
  const auto above =
      std::count_if(chance_differences.begin(), chance_differences.end(),
                    [&](double difference) { return difference > std::abs(score_difference); });
  return (static_cast<double>(above) + 1.0) /
         (static_cast<double>(chance_differences.size()) + 1.0);
}

double paired_bootstrap_p_value(std::span<const double> scores_a, std::span<const double> scores_b,
                                double score_difference) {
  if (scores_a.size() != scores_b.size() || scores_a.empty()) {
    throw std::invalid_argument("a paired test needs as many scores of one system as of the other");
  }
  std::vector<double> differences;
  for (std::size_t i = 0; i < scores_a.size(); ++i) {
    differences.push_back(std::abs(scores_a[i] - scores_b[i]));
  }
  const double expected = mean(differences);
  for (double& difference : differences) difference -= expected;
  return p_value(differences, score_difference);
}

}  // namespace heed
