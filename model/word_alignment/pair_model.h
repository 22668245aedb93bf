#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/word_alignment/hmm_aligner.h"

namespace heed {

/// The models of both directions on one sentence pair in one segmentation, and what is counted of
/// it. Memory is used again for the next pair.
class PairModel {
 public:
  /// All must outlive this.
  PairModel(const LexicalTable& table, const JumpTable& tgt_jumps, const JumpTable& src_jumps,
            double null_probability)
      : table_(table),
        tgt_chain_(tgt_jumps, null_probability),
        src_chain_(src_jumps, null_probability) {}

  /// Goes on to a pair, which must live until the next, as must `places` (`find_all` of it); unless
  /// given they are looked up.
  void start(const SegmentedSentence& src, const SegmentedSentence& tgt,
             std::span<const std::uint32_t> places = {});
  /// Its posteriors; jumps are counted unless null.
  void run_hmm(std::vector<double>* tgt_jump_counts, std::vector<double>* src_jump_counts);
  /// The same by IBM model 1, in which any place is as good as another.
  void run_model1();

  /// Adds the posteriors of the pair's words, times `factor`: sums over the units of the word
  /// linked to, means over the units of the word that is linked.
  void add_words(LinkPosteriors& words, float factor) const;

  /// Adds the pair to the counts: each posterior, times what the other direction says of the words
  /// in `agreed` unless that is null.
  void count(const LinkPosteriors* agreed, LexicalTable::Counts& counts) const;

 private:
  /// [tgt, src] in the table.
  std::span<const std::uint32_t> places() const { return given_.empty() ? looked_up_ : given_; }
  void read_table();

  const LexicalTable& table_;
  HmmChain tgt_chain_, src_chain_;
  const SegmentedSentence* src_ = nullptr;
  const SegmentedSentence* tgt_ = nullptr;
  std::span<const std::uint32_t> given_;  // places
  std::vector<std::uint32_t> looked_up_;  // places, where none are given
  Emissions tgt_emissions_;               // target units given source units
  Emissions src_emissions_;               // source units given target units
  std::vector<float> src_of_tgt_;         // [tgt, src] posteriors
  std::vector<float> tgt_of_src_;         // [src, tgt]
};

}  // namespace heed
