#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "app/check/pair_source.h"
#include "data/line_faults.h"
#include "data/line_traits.h"

namespace heed {

/// What looking at a line by itself tells.
struct ExaminedLine {
  std::uint32_t faults = 0;  // those looked for, bits as in LineScan
  bool is_lost = false;      // faults that can't be repaired
  std::string repaired;      // where there are faults, and they can
  LineScan scan;             // of the line once it is repaired
  LineTraits traits;         // of the line as it stands
};

/// A pair with all that can be told of it without knowing others.
struct ExaminedPair {
  RawPair raw;
  ExaminedLine src, tgt;

  const ExaminedLine& line(Side side) const { return side == Side::kSrc ? src : tgt; }
  /// Repaired where that was needed.
  const std::string& text(Side side) const {
    const ExaminedLine& examined = line(side);
    return examined.faults != 0 && !examined.is_lost ? examined.repaired : raw.side(side).text;
  }
  void examine(std::uint32_t faults);
};

}  // namespace heed
