#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

/// The fewest insertions, deletions and replacements of bytes that make `b` of `a` (Levenshtein
/// 1966).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The one of `candidates` (not empty) with the smallest edit distance from `word`; of equals the
/// first.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace heed
