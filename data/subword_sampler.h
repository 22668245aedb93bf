#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "data/random.h"
#include "data/special_tokens.h"
#include "data/vocabulary.h"

namespace heed {

/// What a piece of another segmentation of the same text shares with a given one.
struct PieceOverlap {
  std::uint32_t piece = 0;  // of the other segmentation
  float of_given = 1.0F;    // share of the given piece's characters that lie in it
  float of_other = 1.0F;    // share of its characters that lie in the given piece
};
/// Of each given piece.
using PieceOverlaps = std::vector<std::vector<PieceOverlap>>;

/// How text is split into other pieces of the same vocabulary (subword regularization).
struct SubwordSampling {
  /// BPE-dropout (Provilkov et al. 2020, algorithm 1): ahead of each merge every one that is
  /// possible is left out with this probability; 0 gives the one usual segmentation.
  /// SentencePiece's own leaves out for good, and makes many more pieces at the same number.
  double bpe_dropout = 0.0;
  /// Unigram models (Kudo 2018): a segmentation is drawn with a probability in proportion to the
  /// alpha-th power of its own; the smaller, the more even. 0: the usual, most probable one.
  double unigram_alpha = 0.0;
};

/// Draws segmentations of text that is already given as ids: what these ids spell is split anew.
/// Ids that spell no text (unk, bytes, control symbols) stay where they are, and no piece reaches
/// across them. Const functions may run from several threads at once.
class SubwordSampler {
 public:
  SubwordSampler(const Vocabulary& vocabulary, const SubwordSampling& sampling);
  ~SubwordSampler();
  SubwordSampler(SubwordSampler&&) noexcept;
  SubwordSampler& operator=(SubwordSampler&&) noexcept;

  /// False where every segmentation would be the usual one.
  bool is_random() const;
  /// Another segmentation of what `ids` spell. What is drawn depends on `ids` and `random` alone.
  std::vector<TokenId> sample(std::span<const TokenId> ids, SplitMix64& random) const;
  /// How the pieces of `other`, a segmentation of what `given` spells, lie over those of `given`.
  PieceOverlaps overlaps(std::span<const TokenId> given, std::span<const TokenId> other) const;

 private:
  class Spelling;
  class Method;
  class Merging;
  class Lattice;

  /// How many characters `id` spells; 1 where it spells no text.
  std::size_t character_count(TokenId id) const;

  std::unique_ptr<const Spelling> spelling_;
  std::unique_ptr<const Method> method_;  // null: is_random() is false
};

}  // namespace heed
