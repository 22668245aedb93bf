#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heed {

/// The one of `candidates` (not empty) that takes the fewest insertions, deletions and replacements
/// to reach from `word` (Levenshtein 1966); of equals the first.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace heed
