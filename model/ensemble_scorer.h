#pragma once

#include <memory>
#include <vector>

#include "model/row_scan.h"
#include "model/scorer.h"

namespace heed {

/// Several models as one: the mean of their probabilities, each at least exp(-87), and of their
/// attention. They read the same sources, and their vocabularies of the target side are the same.
class EnsembleScorer : public NextTokenScorer {
 public:
  /// Throws std::invalid_argument when there is none, or their vocabularies differ in size.
  explicit EnsembleScorer(std::vector<std::unique_ptr<NextTokenScorer>> members);

  std::int64_t vocab_size() const override { return members_.front()->vocab_size(); }
  bool is_normalized() const override { return true; }
  void start(std::span<const std::vector<std::int32_t>> sources) override;
  void step(std::span<const std::int32_t> tokens, std::span<const std::int32_t> beam_origins,
            const TakeScores& take) override;
  /// Where all members do.
  bool gives_attention() const override;
  void want_attention(bool wanted) override;
  std::span<const float> attention(std::int64_t row) const override {
    return attention_[static_cast<std::size_t>(row)];
  }

 private:
  void add(const NextTokenScorer& member, std::span<const float> scores, std::span<float> sums);
  void mix_attention(const NextTokenScorer& member);

  std::vector<std::unique_ptr<NextTokenScorer>> members_;
  RowScan scan_;
  std::vector<float> sums_;  // [rows, vocab_size]: of the members' probabilities so far
  bool wants_attention_ = false;
  std::vector<std::vector<float>> attention_;  // of each row, the mean
};

}  // namespace heed
