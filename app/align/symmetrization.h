#pragma once

#include <span>
#include <vector>

#include "app/align/link.h"

namespace heed {

/// How the links of two directions become one set.
enum class Symmetrization {
  kIntersect,
  kUnion,
  kGrowDiag,
  kGrowDiagFinal,
  kGrowDiagFinalAnd,
};

/// Joins `forward`, in which each target word has chosen, and `reverse`, in which each source word
/// has; both are (source, target). From the intersection, grow-diag adds links of the union that
/// touch a link already there, diagonally too, while one of their words has none yet (Och & Ney
/// 2003; Koehn et al. 2003). The final step adds the others of `forward`, then of `reverse`, with
/// one word unlinked, final-and with both. Targets then sources are gone through in increasing
/// order, neighbours nearest first, as Koehn's Statistical Machine Translation (2010), figure 4.14,
/// does.
///
/// A link in both has the mean of the two probabilities, one in a single direction half of its own.
/// Both need not be sets; the result is one.
std::vector<Link> symmetrize(std::span<const Link> forward, std::span<const Link> reverse,
                             Symmetrization method);

}  // namespace heed
