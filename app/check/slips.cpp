#include "app/check/slips.h"

#include <fmt/format.h>

#include <cstdlib>

namespace heed {
namespace {

constexpr std::size_t kShortestUnrelated = 200;  // lines

/// Without unrelated stretches that are short, or where the texts only look for each other.
std::vector<OffsetStretch> long_stretches(const std::vector<OffsetStretch>& stretches,
                                          std::size_t lines) {
  std::vector<OffsetStretch> kept;
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    OffsetStretch stretch = stretches[i];
    const bool is_last = i + 1 == stretches.size();
    const std::size_t end = is_last ? lines : stretches[i + 1].src_line;
    if (!stretch.is_related && end - stretch.src_line < kShortestUnrelated) {
      if (is_last) continue;
      stretch = {stretch.src_line, stretches[i + 1].offset, true};
    }
    const bool goes_on = !kept.empty() && kept.back().offset == stretch.offset &&
                         kept.back().is_related == stretch.is_related;
    if (!goes_on) kept.push_back(stretch);
  }
  return kept;
}

std::string partner(const Slip& slip) {
  if (slip.after == 0) return "belongs to the same line";
  return fmt::format("belongs to line n {} {}", slip.after > 0 ? '+' : '-', std::abs(slip.after));
}

std::string cause(const Slip& slip) {
  const std::ptrdiff_t change = slip.after - slip.before;
  const std::string& longer = change > 0 ? slip.tgt_file : slip.src_file;
  const std::string& shorter = change > 0 ? slip.src_file : slip.tgt_file;
  const std::ptrdiff_t number = std::abs(change);
  const std::string lines = number == 1 ? "a line" : fmt::format("{} lines", number);
  if (slip.src_file == slip.tgt_file)
    return fmt::format("near there the {} column has {} too many, or the other one too few",
                       change > 0 ? "target" : "source", lines);
  return fmt::format("near there {} has {} too many, or {} lacks {}", longer, lines, shorter,
                     number == 1 ? "one" : "them");
}

}  // namespace

std::vector<Slip> slips_of(const std::vector<OffsetStretch>& stretches, const std::string& src_file,
                           const std::string& tgt_file, std::size_t lines) {
  std::vector<Slip> slips;
  std::ptrdiff_t before = 0;
  bool was_related = true;
  for (const OffsetStretch& stretch : long_stretches(stretches, lines)) {
    if (stretch.offset != before || stretch.is_related != was_related) {
      Slip slip{src_file, tgt_file, stretch.src_line + 1, before, stretch.offset};
      slip.is_related = stretch.is_related;
      slips.push_back(slip);
    }
    if (stretch.is_related) before = stretch.offset;
    was_related = stretch.is_related;
  }
  return slips;
}

std::string describe(const Slip& slip) {
  const std::string place = fmt::format("from about {}:{} on", slip.src_file, slip.src_line);
  if (!slip.is_related)
    return fmt::format(
        "{}, the lines of the two sides are no translations of each other, not of lines up to {} "
        "away either",
        place, ShiftDetector::kReach);
  if (slip.before == slip.after) return place + ", they are translations again";
  const std::string of_tgt =
      slip.src_file == slip.tgt_file || slip.after == 0 ? "" : fmt::format(" of {}", slip.tgt_file);
  return fmt::format("{}, line n {}{}: {}", place, partner(slip), of_tgt, cause(slip));
}

}  // namespace heed
