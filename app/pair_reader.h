#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/parallel_corpus.h"
#include "data/text_io.h"

namespace heed {

/// Sentence pairs to align or score, from two files or from one with source TAB target, in blocks.
/// Every line counts, empty ones too. Ill-formed UTF-8 becomes U+FFFD with a warning.
class PairReader {
 public:
  /// One file: TSV ("-": standard input). Two: source and target.
  explicit PairReader(const std::vector<std::string>& files);

  /// Up to `max_pairs` more pairs; empty at the end. Throws std::runtime_error when one file ends
  /// before the other, or naming the line of a TSV file that has not exactly one TAB.
  std::vector<SentencePair> take(std::size_t max_pairs);

 private:
  bool next(SentencePair& pair);
  bool next_of_two(SentencePair& pair);
  bool next_of_tsv(SentencePair& pair);

  LineReader src_;
  std::optional<LineReader> tgt_;
};

}  // namespace heed
