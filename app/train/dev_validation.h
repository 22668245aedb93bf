#pragma once

#include <optional>
#include <vector>

#include "app/align/attention_choice.h"
#include "app/align/posterior_links.h"
#include "app/train/validator.h"

namespace heed {

/// What one validation has found.
struct DevResult {
  std::vector<ValidationResult> directions;  // source to target; and back, where that is trained
  ExpectedF1 links;  // of the alignment head's, over all directions; see ThresholdSearch
  /// Between the directions; of a single one, between its attention and its alignment head.
  std::optional<AttentionChoice> attention;

  /// The mean over directions.
  double score(ValidationMetric metric) const;
};

/// Validates every direction that a model is trained in.
class DevValidation {
 public:
  /// All but `dev` must outlive this.
  DevValidation(const RunConfig& config, const Tokenizers& tokenizers,
                const TransformerModel& model, WorkerPool& pool,
                const std::vector<SentencePair>& dev);

  bool has_text() const { return validators_.front().has_text(); }
  const std::vector<Validator>& validators() const { return validators_; }
  DevResult run() const;
  /// Whether there are enough pairs for that.
  bool can_choose_length_penalty() const;
  /// See Validator::score_length_penalties; the mean over directions.
  std::vector<double> score_length_penalties() const;

 private:
  std::vector<Validator> validators_;
};

}  // namespace heed
