#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/align/alignment_error_rate.h"
#include "app/align/link_token.h"
#include "app/align/reading_check.h"
#include "app/evaluate/bootstrap.h"

namespace heed {

struct AlignmentEvaluationOptions {
  IndexConvention links{}, gold{};
  std::size_t bootstrap_samples = 1000;  ///< 0: no interval and no test
  std::uint64_t seed = 12345;
};

/// One file of links against the gold ones. Rates are from 0 to 1.
struct AlignmentResult {
  std::string name;
  AlignmentCounts counts;
  std::optional<ConfidenceInterval> interval;  ///< of the alignment error rate, over pairs
  /// Of "this file and the first have the same alignment error rate", by the paired bootstrap; of
  /// all files but the first.
  std::optional<double> bootstrap_p;
  std::optional<IndexChange> better_reading;  ///< of the links, with which they had more hits
};

struct AlignmentEvaluation {
  std::string gold_name;
  std::size_t num_pairs = 0;
  std::vector<AlignmentResult> files;  ///< in the order given
};

/// Compares files of links (`i-j` or `i-j:p`) with gold links (see `parse_gold`), line by line.
/// Throws std::runtime_error on anything but links, on files of different numbers of lines and on
/// empty ones.
AlignmentEvaluation evaluate_alignments(std::span<const std::string> files, const std::string& gold,
                                        const AlignmentEvaluationOptions& options);

}  // namespace heed
