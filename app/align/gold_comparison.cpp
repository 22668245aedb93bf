#include "app/align/gold_comparison.h"

#include <fmt/format.h>

#include <stdexcept>

#include "app/align/index_options.h"

namespace heed {

void add_gold_convention(CLI::App& command, IndexConvention& convention) {
  add_index_options(command, "gold", "The gold file", convention, "Gold");
}

std::string describe_counts(const AlignmentCounts& counts) {
  return fmt::format(
      "AER {:.2f} %, precision {:.2f} %, recall {:.2f} %, F1 {:.2f} % "
      "({} links; gold {} sure, {} possible)",
      100 * counts.alignment_error_rate(), 100 * counts.precision(), 100 * counts.recall(),
      100 * counts.f1(), counts.proposed, counts.sure, counts.possible);
}

GoldComparison::GoldComparison(const std::string& path, const IndexConvention& convention)
    : path_(path), gold_(read_gold(path, convention)) {}

const GoldAlignment& GoldComparison::add(std::span<const Link> links,
                                         const SentenceLengths& lengths) {
  if (next_ >= gold_.size())
    throw std::runtime_error(fmt::format("{} has {} lines, there are more pairs to compare with it",
                                         path_, gold_.size()));
  const GoldAlignment& gold = gold_[next_++];
  for (const Link& link : gold.possible)
    if (link.src >= lengths.src || link.tgt >= lengths.tgt)
      throw std::runtime_error(fmt::format(
          "{}:{}: gold link {}-{} (from 0, source first) is beyond the {} source and {} target "
          "units; is it --gold-one-based, or --gold-transposed?",
          path_, next_, link.src, link.tgt, lengths.src, lengths.tgt));
  counts_ += count_alignment(links, gold);
  return gold;
}

AlignmentCounts GoldComparison::finish() const {
  if (next_ != gold_.size())
    throw std::runtime_error(
        fmt::format("{} has {} lines, but {} pairs were aligned", path_, gold_.size(), next_));
  return counts_;
}

}  // namespace heed
