#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace heed {

/// A sentence as ids, dense from 0.
using WordIds = std::vector<std::int32_t>;

/// A sentence as the units of one segmentation, such as words or subword pieces. Every word has a
/// unit.
struct SegmentedSentence {
  WordIds ids;                        // of the units
  std::vector<std::int32_t> word_of;  // each unit's word, from 0, never decreasing

  std::size_t num_words() const {
    return word_of.empty() ? 0 : static_cast<std::size_t>(word_of.back()) + 1;
  }
};

/// How probable one word is as the translation of another, in both directions, for each two words
/// that stand in one sentence pair; and as the translation of nothing (the empty word). Memory
/// grows with the number of different such pairs of words.
class LexicalTable {
 public:
  static constexpr std::uint32_t kMissing = 0xFFFFFFFFU;
  /// Of words that never stood in one pair.
  static constexpr float kFloor = 1e-9F;

  /// Uniform probabilities. `src` and `tgt` are of equal size, with ids below the vocabulary sizes.
  LexicalTable(std::span<const SegmentedSentence> src, std::span<const SegmentedSentence> tgt,
               std::size_t src_vocab, std::size_t tgt_vocab);

  /// Number of pairs of words.
  std::size_t size() const { return tgt_words_.size(); }
  std::size_t src_vocab() const { return offsets_.size() - 1; }
  std::size_t tgt_vocab() const { return tgt_of_null_.size(); }
  /// The place of a pair of words, or kMissing; ids beyond the vocabularies are missing.
  std::uint32_t find(std::int32_t src, std::int32_t tgt) const;
  /// The same of each two words of a sentence pair: `places` becomes [tgt, src].
  void find_all(const WordIds& src, const WordIds& tgt, std::vector<std::uint32_t>& places) const;

  float tgt_given_src(std::uint32_t place) const { return value(tgt_given_src_, place); }
  float src_given_tgt(std::uint32_t place) const { return value(src_given_tgt_, place); }
  float tgt_given_null(std::int32_t tgt) const { return value_of_word(tgt_of_null_, tgt); }
  float src_given_null(std::int32_t src) const { return value_of_word(src_of_null_, src); }

  /// Expected counts, the E-step's result. Those of the two directions are apart.
  struct Counts {
    explicit Counts(const LexicalTable& table);
    /// Adds `other`, which becomes zero.
    void take(Counts& other);

    std::vector<float> tgt_of_src, src_of_tgt;    // by place
    std::vector<float> tgt_of_null, src_of_null;  // by word
  };
  /// The M-step: relative frequencies. A word without any count keeps its probabilities.
  void set_from(const Counts& counts);

 private:
  static float value(const std::vector<float>& values, std::uint32_t place) {
    return place == kMissing ? kFloor : values[place];
  }
  static float value_of_word(const std::vector<float>& values, std::int32_t word) {
    const auto index = static_cast<std::size_t>(word);
    return index < values.size() ? values[index] : kFloor;
  }

  std::vector<std::uint32_t> offsets_;   // [src_vocab + 1] into the four below
  std::vector<std::int32_t> tgt_words_;  // increasing within a source word
  std::vector<float> tgt_given_src_, src_given_tgt_;
  std::vector<float> tgt_of_null_, src_of_null_;
};

}  // namespace heed
