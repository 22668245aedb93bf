#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/hypothesis.h"
#include "model/row_scan.h"

namespace heed {

/// A hypothesis extended by one token, not yet accepted.
struct Candidate {
  double log_prob = kImpossible;
  std::int32_t beam = 0;  // which of the sentence's rows it extends
  std::int32_t token = 0;
};

/// What every candidate of a row has.
struct CandidateRow {
  std::int32_t beam = 0;
  double log_prob = kImpossible;  // of the hypothesis itself
  double log_sum = 0.0;           // see log_sum_of

  Candidate by(std::int32_t token, std::span<const float> scores) const {
    const double score = scores[static_cast<std::size_t>(token)];
    return {log_prob + (score - log_sum), beam, token};
  }
};

/// The first-ranked of the candidates of one step and sentence. Equal ones are ranked by the lower
/// beam, then by the lower token.
class CandidateList {
 public:
  explicit CandidateList(std::size_t most) : most_(most) {}

  void clear() { best_.clear(); }
  void add(const Candidate& candidate);
  /// Adds those by each token. `scan` has read the scores, but for `banned` that were taken since.
  void add_all(const CandidateRow& row, std::span<const float> scores, RowScan& scan,
               std::size_t banned);

  /// Ends the adding.
  void rank();
  /// Those that were added, first-ranked first.
  std::span<const Candidate> ranked() const { return best_; }

 private:
  std::size_t most_;
  std::vector<Candidate> best_;  // a heap, the last-ranked in front, until they are ranked
};

}  // namespace heed
