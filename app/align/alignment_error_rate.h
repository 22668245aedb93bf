#pragma once

#include <cstddef>
#include <span>

#include "app/align/gold.h"
#include "app/align/link.h"

namespace heed {

/// Counts over one sentence pair or, summed, over a corpus (A: links proposed, S: sure, P: possible
/// gold links, S within P), and the measures of Och and Ney, "A Systematic Comparison of Various
/// Statistical Alignment Models" (2003). Nothing over nothing is taken as 1 in precision and
/// recall: who proposes no link makes no mistake, and where nothing is to be found nothing is
/// missed.
struct AlignmentCounts {
  std::size_t proposed = 0;       // |A|
  std::size_t sure = 0;           // |S|
  std::size_t possible = 0;       // |P|
  std::size_t sure_hits = 0;      // |A and S|
  std::size_t possible_hits = 0;  // |A and P|

  AlignmentCounts& operator+=(const AlignmentCounts& other);

  double precision() const;  // |A and P| / |A|
  double recall() const;     // |A and S| / |S|
  double f1() const;         // harmonic mean of the two; 0 when both are 0
  /// 1 - (|A and S| + |A and P|) / (|A| + |S|); 0 when both A and S are empty.
  double alignment_error_rate() const;
};

/// Counts one pair; repeated links in `proposed` count once.
AlignmentCounts count_alignment(std::span<const Link> proposed, const GoldAlignment& gold);

}  // namespace heed
