#pragma once

#include <span>
#include <vector>

#include "data/direction.h"
#include "data/encoded_corpus.h"
#include "model/alignment_head.h"
#include "model/packing.h"

namespace heed {

/// Sentence pairs as the network takes them.
struct PackedPairs {
  PackedIds src;      // each closed by its `source_end`
  PackedIds tgt_in;   // each begins with bos
  PackedIds tgt_out;  // the same moved on by one: each closed by eos
  /// Times that the pairs are in `src` and `tgt_in`, one pass after the other. `tgt_out` has them
  /// once.
  std::int64_t passes = 1;
  AlignmentTargets alignment;  // undefined where no alignment head is trained

  std::int64_t tgt_tokens() const { return tgt_out.packing.rows(); }
};

PackedPairs pack_pairs(std::span<const std::span<const TokenId>> src,
                       std::span<const std::span<const TokenId>> tgt, Direction direction);
/// Several passes: `src`, `tgt_in` and `directions` have the pairs once a pass, `tgt` once.
PackedPairs pack_passes(std::span<const std::span<const TokenId>> src,
                        std::span<const std::span<const TokenId>> tgt_in,
                        std::span<const std::span<const TokenId>> tgt,
                        std::span<const Direction> directions);
/// The pairs of `corpus` at `indices`, each in its direction.
PackedPairs pack_pairs(const EncodedCorpus& corpus, std::span<const std::uint32_t> indices);

}  // namespace heed
