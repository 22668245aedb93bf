#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "data/batcher.h"
#include "data/direction.h"
#include "data/parallel_corpus.h"
#include "data/special_tokens.h"
#include "data/tokenizer.h"

namespace heed {

struct EncodeOptions {
  /// Pairs with more pieces than this on either side (eos not counted) are dropped; 0 keeps all.
  std::size_t max_length = 256;

  /// Only the speed depends on it.
  int threads = 1;
};

struct EncodedCorpusReport {
  std::size_t pairs_read = 0;
  std::size_t empty_pairs = 0;     // dropped: a side is empty, as text or after normalisation
  std::size_t too_long_pairs = 0;  // dropped: a side has more than max_length pieces
  std::size_t pairs_kept = 0;
  std::size_t src_tokens = 0;  // pieces of the pairs kept, without eos
  std::size_t tgt_tokens = 0;
  bool from_cache = false;
};

/// The token ids of a corpus, without bos and eos. Immutable; copies share the data, which may be a
/// file mapped into memory.
class EncodedCorpus {
 public:
  /// A corpus of given ids; src and tgt are of equal size. `report().pairs_read` counts them.
  static EncodedCorpus from_ids(std::span<const std::vector<TokenId>> src,
                                std::span<const std::vector<TokenId>> tgt);

  std::size_t size() const;

  /// The same pairs, read the other way round.
  EncodedCorpus reversed() const;
  /// These pairs, all of one direction, and after them the same in the other.
  EncodedCorpus in_both_directions() const;
  /// Pair `i` of the text that was encoded is pair `i` here, and `i` + pairs() where both
  /// directions are.
  std::size_t pairs() const;
  Direction direction(std::size_t i) const;

  /// Ids of pair `i` < size(), in its direction. Valid as long as this corpus or a copy of it
  /// lives.
  std::span<const TokenId> src(std::size_t i) const;
  std::span<const TokenId> tgt(std::size_t i) const;

  /// For `plan_batches`.
  const std::vector<PairLength>& lengths() const;

  const EncodedCorpusReport& report() const;
  /// Of all ids of the text, whichever way it is read: other text has, all but surely, another.
  std::uint64_t hash() const;

 private:
  friend EncodedCorpus encode_corpus(const ParallelFiles&, const Tokenizer&, const Tokenizer&,
                                     const EncodeOptions&, const std::filesystem::path&);
  struct Data;
  explicit EncodedCorpus(std::shared_ptr<const Data> data);
  std::span<const TokenId> side(std::size_t i, Direction direction) const;

  std::shared_ptr<const Data> data_;
  std::vector<Direction> directions_{Direction::kForward};
  std::shared_ptr<const std::vector<PairLength>> lengths_;
  EncodedCorpusReport report_;
};

/// Encodes `files`, in order. With a `cache_path` the result is kept in that file, and taken from
/// there when nothing changed: both tokenizers, max_length, and every byte of every file as it lies
/// on the disk (names and times do not count). A cache that is stale, truncated, damaged or foreign
/// is replaced. It is in the machine's own byte order. It is neither used nor written when one of
/// the files is not a regular file, as a pipe can be read only once.
///
/// Throws std::runtime_error as `read_parallel` does, and when the cache cannot be written.
EncodedCorpus encode_corpus(const ParallelFiles& files, const Tokenizer& src_tokenizer,
                            const Tokenizer& tgt_tokenizer, const EncodeOptions& options = {},
                            const std::filesystem::path& cache_path = {});

}  // namespace heed
