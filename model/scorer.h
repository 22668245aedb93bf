#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

namespace heed {

/// Scores of next tokens: all that search knows of a network. Rows are hypotheses.
class NextTokenScorer {
 public:
  virtual ~NextTokenScorer() = default;

  virtual std::int64_t vocab_size() const = 0;

  /// Begins a batch of sentences (token ids, without eos); forgets the batch before.
  /// Ahead of the first step there is one row a sentence, in their order.
  virtual void start(std::span<const std::vector<std::int32_t>> sources) = 0;

  /// Row `r` continues row `beam_origins[r]` of the step before with `tokens[r]` (bos at first).
  /// Rows of a sentence stand together, sentences in their order, each with equally many rows; a
  /// sentence none of whose rows is continued has left the batch.
  /// Returns log-probabilities of the token after, [rows, vocab_size], contiguous, 32-bit float on
  /// the CPU; the caller may write over them.
  virtual at::Tensor step(std::span<const std::int32_t> tokens,
                          std::span<const std::int32_t> beam_origins) = 0;
};

}  // namespace heed
