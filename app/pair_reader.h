#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/clean_input.h"
#include "app/shard.h"
#include "app/undone_lines.h"
#include "data/parallel_corpus.h"

namespace heed {

/// A pair of the input.
struct GivenPair : SentencePair {
  /// False: the line was no pair, or too long, and both sides are empty.
  bool is_usable = true;
};

/// Sentence pairs to align or score, from two files or from one with source TAB target, in blocks.
/// Every line counts, empty ones too. Ill-formed UTF-8 becomes U+FFFD with a warning. A side of
/// more than kMostLineBytes makes a pair unusable, and a line of a TSV file without exactly one
/// TAB, unless it is the first of all: then it isn't one.
class PairReader {
 public:
  /// One file: TSV ("-": standard input). Two: source and target. With `shard` that part of them.
  /// `undone` is told of pairs that are not usable.
  PairReader(const std::vector<std::string>& files, UndoneLines& undone,
             const std::optional<Shard>& shard = std::nullopt);

  /// How many pairs the input has ahead of the next, and behind a shard.
  std::size_t pairs_before() const { return input_.readers.front().line_number(); }
  std::size_t pairs_after() const { return input_.lines_after; }

  /// Up to `max_pairs` more pairs, fewer of long ones; empty at the end. Throws std::runtime_error
  /// when one file ends before the other, or can't be read on, after the pairs ahead of that.
  std::vector<GivenPair> take(std::size_t max_pairs);
  /// All further pairs.
  std::vector<GivenPair> take_all();

 private:
  bool next(GivenPair& pair);
  bool next_of_two(GivenPair& pair);
  bool next_of_tsv(GivenPair& pair);
  std::string place() const;

  ShardedInput input_;
  UndoneLines& undone_;
  std::vector<std::unique_ptr<InputCleaner>> cleaners_;  // of each file
  std::exception_ptr failure_;                           // after the pairs that were taken
};

}  // namespace heed
