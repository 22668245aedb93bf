#include "app/check/examined_pair.h"

namespace heed {
namespace {

void examine_line(const RawLine& raw, std::uint32_t faults, ExaminedLine& line) {
  line.traits = line_traits(raw.text);
  line.scan = scan_line(raw.text);
  line.faults = line.scan.faults & faults;
  line.is_lost = false;
  if (line.faults == 0) return;
  auto repaired = repair_line(raw.text, faults);
  line.is_lost = !repaired;
  if (!repaired) return;
  line.repaired = std::move(*repaired);
  line.scan = scan_line(line.repaired);
}

}  // namespace

void ExaminedPair::examine(std::uint32_t faults) {
  examine_line(raw.src, faults, src);
  examine_line(raw.tgt, faults, tgt);
}

}  // namespace heed
