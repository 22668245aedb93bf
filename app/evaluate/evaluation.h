#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/evaluate/bleu.h"
#include "app/evaluate/bootstrap.h"

namespace heed {

enum class MetricKind { kBleu, kChrf, kChrfPlusPlus };

struct EvaluationOptions {
  std::vector<MetricKind> metrics = {MetricKind::kBleu, MetricKind::kChrf,
                                     MetricKind::kChrfPlusPlus};
  BleuOptions bleu;                          ///< `lowercase` holds for chrF as well
  std::size_t bootstrap_samples = 1000;      ///< 0: no interval and no bootstrap test
  std::size_t randomization_trials = 10000;  ///< of the paired test; 0: no such test
  std::uint64_t seed = 12345;
};

/// The output of one system: a line for each segment.
struct SystemOutput {
  std::string name;
  std::vector<std::string> lines;
};

struct MetricResult {
  double score = 0.0;
  std::optional<ConfidenceInterval> interval;
  std::optional<BleuScore> bleu;  ///< of BLEU only
};

/// Both tests of "the two systems are equally good", two-sided.
struct PairedResult {
  double difference = 0.0;  ///< score of the first system less that of the second
  std::optional<double> bootstrap_p;
  std::optional<double> randomization_p;
};

/// One metric of every system.
struct MetricReport {
  std::string name;
  std::string signature;
  std::vector<MetricResult> systems;   ///< in the order given
  std::optional<PairedResult> paired;  ///< when there are two systems
};

/// `references[i]` are those of segment i, as many for each; each system has a line for each
/// segment, and there are one or two systems (std::invalid_argument otherwise).
std::vector<MetricReport> evaluate_systems(std::span<const SystemOutput> systems,
                                           std::span<const std::vector<std::string>> references,
                                           const EvaluationOptions& options);

}  // namespace heed
