#pragma once

#include <algorithm>
#include <compare>
#include <utility>
#include <vector>

namespace heed {

/// One word (or piece, or character) of the source joined to one of the target.
/// Indices count from 0 inside heed, whatever the file used. Equality and order look at the two
/// indices only, so that a set of links holds each place once whatever its probability.
struct Link {
  int src = 0;
  int tgt = 0;
  double probability = 1.0;

  friend constexpr bool operator==(const Link& a, const Link& b) {
    return a.src == b.src && a.tgt == b.tgt;
  }
  friend constexpr std::strong_ordering operator<=>(const Link& a, const Link& b) {
    if (const auto order = a.src <=> b.src; std::is_neq(order)) return order;
    return a.tgt <=> b.tgt;
  }
};

/// How many units (without the end of sentence) each side of a pair has.
struct SentenceLengths {
  int src = 0;
  int tgt = 0;
};

/// Sorted by source then target, each place once; of repeats the most probable stays.
inline std::vector<Link> to_link_set(std::vector<Link> links) {
  std::sort(links.begin(), links.end(), [](const Link& a, const Link& b) {
    return a != b ? a < b : a.probability > b.probability;
  });
  links.erase(std::unique(links.begin(), links.end()), links.end());
  return links;
}

}  // namespace heed
