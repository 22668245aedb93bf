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
  bool gives_attention() const override { return true; }
  void want_attention(bool wanted) override { wants_attention_ = wanted; }
  std::span<const float> attention(std::int64_t row) const override;

 private:
  void reorder(std::span<const std::int32_t> beam_origins);
  void keep_attention(const AttentionWeights& weights);

  const Transformer& transformer_;
  std::int32_t source_end_;
  at::Device device_;
  DecoderState state_;
  std::int64_t rows_ = 0;               // of the step before
  std::vector<std::int64_t> src_lens_;  // of the sentences still in the batch, their end counted
  bool wants_attention_ = false;
  at::Tensor attention_;  // [sentences, rows of each, longest source]
};

}  // namespace heed
