#pragma once

#include <functional>

#include "app/align/align_options.h"
#include "app/align/attention_record.h"
#include "app/align/posterior_links.h"
#include "app/undone_lines.h"
#include "data/parallel_corpus.h"

namespace heed {

/// What `heed align --method hmm` does.
struct StatisticalPassOptions {
  std::vector<std::string> files;  // as PairReader takes them
  ParallelFiles training;          // more text to learn from
  UnitKind units = UnitKind::kWord;
  std::optional<Symmetrization> symmetrization;
  std::optional<double> threshold;  // none: that of the best expected F1
  std::size_t threads = 0;
};

/// Throws UsageError for what needs a network.
StatisticalPassOptions statistical_pass_options(const AlignOptions& options);

/// Learns from all pairs, then hands their records, without attention, to `consume` in order. Pairs
/// that are not usable, or too long, count as empty ones, of which `undone` is told.
void align_by_statistics(const StatisticalPassOptions& options, UndoneLines& undone,
                         const std::function<void(AttentionRecord&)>& consume);

}  // namespace heed
