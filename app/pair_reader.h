#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/shard.h"
#include "data/parallel_corpus.h"

namespace heed {

/// Sentence pairs to align or score, from two files or from one with source TAB target, in blocks.
/// Every line counts, empty ones too. Ill-formed UTF-8 becomes U+FFFD with a warning.
class PairReader {
 public:
  /// One file: TSV ("-": standard input). Two: source and target. With `shard` that part of them.
  explicit PairReader(const std::vector<std::string>& files,
                      const std::optional<Shard>& shard = std::nullopt);

  /// How many pairs the input has ahead of the next, and behind a shard.
  std::size_t pairs_before() const { return input_.readers.front().line_number(); }
  std::size_t pairs_after() const { return input_.lines_after; }

  /// Up to `max_pairs` more pairs; empty at the end. Throws std::runtime_error when one file ends
  /// before the other, or naming the line of a TSV file that has not exactly one TAB.
  std::vector<SentencePair> take(std::size_t max_pairs);

 private:
  bool next(SentencePair& pair);
  bool next_of_two(SentencePair& pair);
  bool next_of_tsv(SentencePair& pair);

  ShardedInput input_;
};

}  // namespace heed
