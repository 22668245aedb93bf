#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "data/text_units.h"
#include "data/tokenizer.h"
#include "model/word_alignment/lexical_table.h"

namespace heed {

/// One side of a text as numbered words, compared without regard to case and width (`fold_case`).
class NumberedText {
 public:
  /// Adds a line of `units`.
  void add(std::span<const TextUnit> units);

  const std::vector<std::string>& words() const { return words_; }
  const std::vector<WordIds>& lines() const { return lines_; }
  /// The number of `folded`, or -1.
  std::int32_t find(const std::string& folded) const;

 private:
  std::unordered_map<std::string, std::int32_t> numbers_;
  std::vector<std::string> words_;
  std::vector<WordIds> lines_;
};

/// How words become the units that a statistical aligner counts.
enum class Segmentation {
  kWords,
  kPieces,      // 8,000 subword pieces, of each word by itself
  kFinePieces,  // 4,000; words written in Han, kana, Thai and the like are spelt in characters
};

/// A segmentation that fits one side of a text.
class WordSegmenter {
 public:
  /// `text` must outlive this. Pieces are learnt from it (SentencePiece, unigram), which takes some
  /// seconds.
  WordSegmenter(Segmentation segmentation, const NumberedText& text);

  /// Ids of the text's own words are below; those of other words may not be.
  std::size_t vocab_size() const;
  /// A line of the text.
  SegmentedSentence segment(const WordIds& line) const;
  /// Any line.
  SegmentedSentence segment(std::span<const TextUnit> units) const;

 private:
  void learn_pieces(int vocab_size);
  WordIds spell(const std::string& word) const;
  bool is_spelt_in_characters(const std::string& word) const;

  Segmentation segmentation_;
  const NumberedText& text_;
  std::optional<Tokenizer> tokenizer_;  // none for words, or where all is spelt in characters
  std::unordered_map<char32_t, std::int32_t> characters_;  // ids after those of the pieces
  std::vector<WordIds> units_of_word_;                     // by the word's number
};

}  // namespace heed
