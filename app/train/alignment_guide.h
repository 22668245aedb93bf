#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "app/align/link.h"
#include "app/align/unit_merge.h"
#include "app/model_bundle.h"
#include "app/worker_pool.h"
#include "data/encoded_corpus.h"
#include "data/parallel_corpus.h"
#include "data/subword_sampler.h"
#include "model/alignment_head.h"

namespace heed {

/// A pair as it goes through the network.
struct GuidedPair {
  std::uint32_t index = 0;  // in the corpus
  std::size_t src_pieces = 0;
  std::size_t tgt_pieces = 0;
  /// Where it is split otherwise than in the corpus: see SubwordSampler::overlaps. Both or none.
  const PieceOverlaps* src_overlaps = nullptr;
  const PieceOverlaps* tgt_overlaps = nullptr;
};

/// The links that a model's alignment head learns from: those of the words of each training pair,
/// spread over their pieces.
class AlignmentGuide {
 public:
  /// `words[i]` are the links of training pair i between words, with probabilities; a word that is
  /// in none, or whose links sum to less than 1, is linked to nothing for the rest.
  class Builder;

  std::size_t size() const { return offsets_.size() - 1; }
  /// What the head should say of `pairs` of `corpus`, packed in this order, each read in its
  /// direction.
  AlignmentTargets targets(const EncodedCorpus& corpus, std::span<const GuidedPair> pairs) const;

 private:
  struct PieceLink {
    std::uint32_t src = 0;
    std::uint32_t tgt = 0;
    float src_of_tgt = 0.0F;
    float tgt_of_src = 0.0F;
  };

  std::span<const PieceLink> links_of(std::size_t pair) const;

  std::vector<PieceLink> links_;
  std::vector<std::size_t> offsets_{0};
};

/// Adds one pair after the other.
class AlignmentGuide::Builder {
 public:
  explicit Builder(const Tokenizers& tokenizers) : tokenizers_(tokenizers) {}

  /// `links` are between the words of the pair (see `split_words`).
  void add(const SentencePair& pair, std::span<const Link> links);
  /// The same by the pieces and words of each side.
  void add(const UnitMap& src, const UnitMap& tgt, std::span<const Link> links);
  AlignmentGuide take() { return std::move(guide_); }

 private:
  const Tokenizers& tokenizers_;
  AlignmentGuide guide_;
};

/// Reads links from `path`, one line (`i-j` or `i-j:p`, source first) for each line of `files`. The
/// pairs of the guide are those that `corpus` has kept of them. Throws std::runtime_error naming
/// file and line when a link is beyond its sentence, or when the files differ in length.
AlignmentGuide read_alignment_guide(const std::filesystem::path& path, const ParallelFiles& files,
                                    const Tokenizers& tokenizers, const EncodedCorpus& corpus,
                                    std::size_t max_length);

/// Finds the links of `files` with a `StatisticalAligner` and writes them to `path`, in that form.
void write_statistical_links(const std::filesystem::path& path, const ParallelFiles& files,
                             std::size_t threads);

}  // namespace heed
