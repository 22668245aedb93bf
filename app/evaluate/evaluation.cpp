#include "app/evaluate/evaluation.h"

#include <fmt/format.h>

#include <stdexcept>

#include "app/evaluate/chrf.h"
#include "app/evaluate/signature.h"

namespace heed {
namespace {

using References = std::span<const std::vector<std::string>>;

double plain_score(const BleuScore& score) {
  return score.score;
}
double plain_score(double score) {
  return score;
}

MetricResult as_result(const BleuScore& score) {
  return {score.score, std::nullopt, score};
}
MetricResult as_result(double score) {
  return {score, std::nullopt, std::nullopt};
}

template <class Metric>
auto segment_statistics(const Metric& metric, const SystemOutput& system, References references) {
  std::vector<decltype(metric.statistics(system.lines[0], references[0]))> segments;
  segments.reserve(references.size());
  for (std::size_t i = 0; i < references.size(); ++i) {
    segments.push_back(metric.statistics(system.lines[i], references[i]));
  }
  return segments;
}

std::string sampling_signature(const EvaluationOptions& options, bool is_paired) {
  const bool is_randomized = is_paired && options.randomization_trials > 0;
  std::string sampling;
  if (options.bootstrap_samples > 0) sampling += fmt::format("bs:{}|", options.bootstrap_samples);
  if (is_randomized) sampling += fmt::format("ar:{}|", options.randomization_trials);
  if (!sampling.empty()) sampling += fmt::format("seed:{}|", options.seed);
  return sampling;
}

template <class Statistics, class Score>
PairedResult compare_systems(const std::vector<std::vector<Statistics>>& segments,
                             const std::vector<std::vector<double>>& samples, double difference,
                             const Score& score_of, const EvaluationOptions& options) {
  PairedResult paired;
  paired.difference = difference;
  if (options.bootstrap_samples > 0) {
    paired.bootstrap_p = paired_bootstrap_p_value(samples[0], samples[1], difference);
  }
  if (options.randomization_trials > 0) {
    paired.randomization_p = paired_randomization_p_value(
        segments[0], segments[1], score_of, options.randomization_trials, options.seed);
  }
  return paired;
}

template <class Metric>
MetricReport evaluate_metric(const Metric& metric, std::span<const SystemOutput> systems,
                             References references, const EvaluationOptions& options) {
  using Statistics = decltype(metric.statistics(systems[0].lines[0], references[0]));
  const auto score_of = [&](const Statistics& sum) { return plain_score(metric.score(sum)); };

  MetricReport report;
  report.name = metric.name();
  report.signature =
      metric.signature(references.front().size(), sampling_signature(options, systems.size() == 2));
  std::vector<std::vector<Statistics>> segments;
  std::vector<std::vector<double>> samples;
  for (const SystemOutput& system : systems) {
    segments.push_back(segment_statistics(metric, system, references));
    report.systems.push_back(as_result(metric.score(sum_of(segments.back()))));
    if (options.bootstrap_samples == 0) continue;
    samples.push_back(
        bootstrap_scores(segments.back(), score_of, options.bootstrap_samples, options.seed));
    report.systems.back().interval = confidence_interval(samples.back());
  }
  if (systems.size() == 2) {
    const double difference = report.systems[0].score - report.systems[1].score;
    report.paired = compare_systems(segments, samples, difference, score_of, options);
  }
  return report;
}

void require_comparable(std::span<const SystemOutput> systems, References references) {
  if (systems.empty() || systems.size() > 2) {
    throw std::invalid_argument(fmt::format("{} systems to evaluate; 1 or 2", systems.size()));
  }
  if (references.empty()) throw std::invalid_argument("no segments to evaluate");
  for (const SystemOutput& system : systems) {
    require_same_length(system.lines.size(), references.size());
  }
}

}  // namespace

std::vector<MetricReport> evaluate_systems(std::span<const SystemOutput> systems,
                                           References references,
                                           const EvaluationOptions& options) {
  require_comparable(systems, references);
  std::vector<MetricReport> reports;
  for (const MetricKind kind : options.metrics) {
    if (kind == MetricKind::kBleu) {
      reports.push_back(evaluate_metric(Bleu(options.bleu), systems, references, options));
      continue;
    }
    ChrfOptions chrf;
    chrf.word_order = kind == MetricKind::kChrfPlusPlus ? 2 : 0;
    chrf.lowercase = options.bleu.lowercase;
    reports.push_back(evaluate_metric(Chrf(chrf), systems, references, options));
  }
  return reports;
}

}  // namespace heed
