#pragma once

#include <string>
#include <vector>

#include "app/check/finding.h"

namespace heed {

/// What the stretches of a text tell the user: changes of offset, but no short stretch that only
/// looks odd.
std::vector<Slip> slips_of(const std::vector<OffsetStretch>& stretches, const std::string& src_file,
                           const std::string& tgt_file, std::size_t lines);

/// "from about SRC:120 on, line n of SRC belongs to line n + 1 of TGT: ..."
std::string describe(const Slip& slip);

}  // namespace heed
