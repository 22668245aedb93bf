#pragma once

#include <CLI/App.hpp>
#include <span>
#include <string>
#include <vector>

#include "app/align/alignment_error_rate.h"
#include "app/align/gold.h"

namespace heed {

/// Options that say how a file of gold links is written.
void add_gold_convention(CLI::App& command, IndexConvention& convention);

/// "AER 8.10 %, precision ..., recall ..., F1 ... (... links; gold ... sure, ... possible)".
std::string describe_counts(const AlignmentCounts& counts);

/// Compares links with gold, pair by pair as they go by.
class GoldComparison {
 public:
  GoldComparison(const std::string& path, const IndexConvention& convention);

  /// The next pair. Throws std::runtime_error when the file has no line for it, or a link beyond
  /// `lengths`.
  const GoldAlignment& add(std::span<const Link> links, const SentenceLengths& lengths);
  /// Passes over the gold of pairs that are not compared here.
  void skip(std::size_t pairs) { next_ += pairs; }
  /// Of all pairs compared. Throws std::runtime_error when the file has more or fewer lines than
  /// pairs were added and skipped.
  AlignmentCounts finish() const;

 private:
  std::string path_;
  std::vector<GoldAlignment> gold_;
  std::size_t next_ = 0;
  AlignmentCounts counts_;
};

}  // namespace heed
