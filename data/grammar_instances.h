#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "data/grammar_expand.h"

namespace heed::grammar {

/// What one slot needs, with all values known.
struct SlotDemand {
  std::size_t symbol = kNone;
  std::vector<std::size_t> values;  ///< in the order of Symbol::features
  std::array<std::size_t, 2> column{kNone, kNone};
};

/// Gets the demands of all slots, and the weight of this way among the others (at most a million).
using InstanceVisitor = std::function<void(std::vector<SlotDemand>, std::uint64_t)>;

/// Calls `visit` for every way of giving values to the variables of `rule` when it makes the symbol
/// with `values`; never when its head does not fit them. Throws (FILE:LINE) for a column or
/// variable that does not exist and for more than 100,000 ways.
void for_each_instance(const Syntax& syntax, const Rule& rule,
                       const std::vector<std::size_t>& values, const InstanceVisitor& visit);

}  // namespace heed::grammar
