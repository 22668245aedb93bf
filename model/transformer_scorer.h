#pragma once

#include "model/scorer.h"
#include "model/transformer.h"

namespace heed {

/// A Transformer as a scorer: encodes at `start`, then one cached decoder step at a time.
class TransformerScorer : public NextTokenScorer {
 public:
  /// `transformer` must outlive the scorer. Several scorers may share one. Each source is closed by
  /// `source_end`.
  TransformerScorer(const Transformer& transformer, std::int32_t source_end,
                    at::Device device = at::kCPU);

  std::int64_t vocab_size() const override { return transformer_.config().tgt_vocab_size; }
  void start(std::span<const std::vector<std::int32_t>> sources) override;
  void step(std::span<const std::int32_t> tokens, std::span<const std::int32_t> beam_origins,
            const TakeScores& take) override;

 private:
  void reorder(std::span<const std::int32_t> beam_origins);

  const Transformer& transformer_;
  std::int32_t source_end_;
  at::Device device_;
  DecoderState state_;
  std::int64_t rows_ = 0;  // of the step before
};

}  // namespace heed
