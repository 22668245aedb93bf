#pragma once

#include <vector>

#include "app/align/attention_record.h"
#include "app/align/link.h"

namespace heed {

enum class LinkRule {
  kArgmax,     // each target unit is linked to its strongest source unit
  kMutual,     // only where each is the other's strongest
  kThreshold,  // every weight of at least `threshold`; a target unit may have several links
};

struct LinkOptions {
  LinkRule rule = LinkRule::kArgmax;
  double threshold = 0.5;  // of kThreshold
  /// Of kArgmax and kMutual: a target unit that looks at the end of the source sentence more than
  /// at any unit stays unlinked, rather than linked to the strongest of the others. Heads rest
  /// there when a word needs nothing of the source. A final punctuation mark, which they rest on as
  /// readily, counts as the end; that of the target is then linked to that of the source.
  bool end_of_sentence_unlinks = false;
};

/// Whether the last unit of a side is a punctuation mark.
struct FinalPunctuation {
  bool src = false;
  bool tgt = false;
};

/// The greatest weight's place among the first `columns` of a row, or -1 when none is above 0; of
/// equal ones the lowest.
int strongest_column(const AttentionMatrix& matrix, int row, int columns);

/// Links from one matrix of target rows and source columns (cross-attention, or an average of it).
/// `lengths` counts the units that can be linked: rows from `lengths.tgt` on are left out, columns
/// from `lengths.src` on are the end of the sentence. Of equal weights the lowest index wins; a
/// weight that is not above 0 is never linked. The result is a set (see `to_link_set`); the
/// probability of a link is its weight, between final marks that of the whole end. Throws
/// std::invalid_argument when the matrix is smaller than `lengths`.
std::vector<Link> extract_links(const AttentionMatrix& matrix, const SentenceLengths& lengths,
                                const LinkOptions& options = {},
                                const FinalPunctuation& final_punctuation = {});

}  // namespace heed
