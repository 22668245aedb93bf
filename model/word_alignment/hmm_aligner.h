#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "model/word_alignment/hmm_chain.h"
#include "model/word_alignment/lexical_table.h"

namespace heed {

struct HmmOptions {
  int model1_iterations = 5;  // of EM for IBM model 1, which the HMM starts from
  int hmm_iterations = 4;
  double null_probability = 0.3;  // prior of a word linked to nothing
  // Bytes for where in the tables the units of each pair stand. Where these do not suffice for all
  // of them, each iteration searches for them again, which takes longer and changes nothing.
  std::size_t most_kept_memory = std::size_t{1} << 30;
};

/// Probability of each link between the words of a sentence pair, as seen from either side. What a
/// row lacks of 1 is the probability that its word has no link.
struct LinkPosteriors {
  std::size_t src_len = 0;
  std::size_t tgt_len = 0;
  std::vector<float> src_of_tgt;  // [tgt_len, src_len], a row a target word
  std::vector<float> tgt_of_src;  // [src_len, tgt_len], a row a source word

  /// No link at all.
  LinkPosteriors(std::size_t src_words = 0, std::size_t tgt_words = 0);
  /// What both sides say of a link: the mean of the two.
  float mean(std::size_t src, std::size_t tgt) const {
    return (src_of_tgt[tgt * src_len + src] + tgt_of_src[src * tgt_len + tgt]) / 2.0F;
  }
};

/// Sentence pairs in one segmentation. All segmentations of a text have the same words.
struct SegmentedText {
  std::vector<SegmentedSentence> src, tgt;
  std::size_t src_vocab = 0;  // ids are below
  std::size_t tgt_vocab = 0;
};

/// Runs `body(task)` for every task in [0, tasks), perhaps several at once.
using ParallelRunner =
    std::function<void(std::size_t tasks, const std::function<void(std::size_t task)>& body)>;

/// A statistical word aligner: IBM model 1 (Brown et al. 1993), then hidden Markov models of both
/// directions (Vogel, Ney & Tillmann 1996), for several segmentations of the same text: words know
/// what is frequent, pieces and characters what names and endings are made of. The models are
/// trained to agree, as the two directions are in Liang, Taskar & Klein, "Alignment by Agreement"
/// (2006): what a model counts for a link is its own posterior times that of the other direction,
/// the latter here as the mean over all segmentations, word by word.
class HmmAligner {
 public:
  /// Trains on `views`, at least one, of the same pairs. `shards` parts of the text are counted
  /// apart by `run`; the result depends on their number, by rounding only. `on_iteration` is called
  /// after each of EM's.
  HmmAligner(std::span<const SegmentedText> views, const HmmOptions& options, std::size_t shards,
             const ParallelRunner& run, const std::function<void()>& on_iteration = {});
  HmmAligner(HmmAligner&&) noexcept;
  ~HmmAligner();

  /// The mean over all segmentations of one pair, given in the order of the constructor's views.
  /// Also for pairs that were not trained on, and ids beyond the vocabularies. May be called from
  /// several threads at once.
  LinkPosteriors align(std::span<const SegmentedSentence> src,
                       std::span<const SegmentedSentence> tgt) const;

 private:
  struct View;
  struct Counts;
  class Pass;
  class Training;

  HmmOptions options_;
  std::vector<View> views_;
};

}  // namespace heed
