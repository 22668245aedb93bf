#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace heed {

/// Takes the scores of what may follow one row: [vocab_size], log-probabilities up to a constant.
/// They are the taker's to write over.
using TakeScores = std::function<void(std::int64_t row, std::span<float> scores)>;

/// Scores of next tokens: all that search knows of a network. Rows are hypotheses.
class NextTokenScorer {
 public:
  virtual ~NextTokenScorer() = default;

  virtual std::int64_t vocab_size() const = 0;

  /// Whether scores are log-probabilities as they are, so that nobody need take their sum.
  virtual bool is_normalized() const { return false; }

  /// Begins a batch of sentences (token ids, without eos); forgets the batch before.
  /// Ahead of the first step there is one row a sentence, in their order.
  virtual void start(std::span<const std::vector<std::int32_t>> sources) = 0;

  /// Row `r` continues row `beam_origins[r]` of the step before with `tokens[r]` (bos at first).
  /// Rows of a sentence stand together, sentences in their order, each with equally many rows; a
  /// sentence none of whose rows is continued has left the batch.
  /// Calls `take` with the scores of the token after, for each row in order.
  virtual void step(std::span<const std::int32_t> tokens,
                    std::span<const std::int32_t> beam_origins, const TakeScores& take) = 0;

  /// Whether `attention` can be had.
  virtual bool gives_attention() const { return false; }
  /// Ahead of `start`: whether steps shall keep their attention; they don't unless told to.
  virtual void want_attention(bool /*wanted*/) {}
  /// Where the newest step looked for the scores of a row, if attention was wanted: a weight for
  /// each position of its source, the closing one included, that add up to 1. Of a network the mean
  /// of the cross-attention of all heads of all decoder layers. Until the next step or start.
  virtual std::span<const float> attention(std::int64_t /*row*/) const { return {}; }
};

}  // namespace heed
