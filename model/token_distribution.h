#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/row_scan.h"

namespace heed {

/// From which tokens one is drawn, and how likely each. The order is that of the members.
struct DrawOptions {
  double temperature = 1.0;  // probabilities become those of score / temperature; above 0
  std::int64_t top_k = 0;    // so many first-ranked tokens stay; 0: all
  /// Of those, their probabilities adding up to 1 again, as many first-ranked stay as it takes to
  /// reach this (Holtzman et al. 2020, "The curious case of neural text degeneration"); in (0, 1].
  double top_p = 1.0;
};

/// What one token is drawn from. Tokens are ranked by their scores, equal ones by the lower token;
/// one whose score is -infinity or no number is never drawn. `top_p` is reached up to one part in a
/// million, so that a sum that is equal to it but for rounding needs no further token. Keeps its
/// room from row to row.
class TokenDistribution {
 public:
  /// Throws std::invalid_argument when an option is out of its range.
  explicit TokenDistribution(const DrawOptions& options);

  /// Of a row's scores, log-probabilities up to a constant, which must stay as they are while
  /// tokens are drawn. False when no token can be drawn.
  bool read(std::span<const float> scores);
  /// The token at `u`, in [0, 1), of the cumulative distribution over ascending tokens.
  std::int32_t draw(double u) const;

 private:
  struct Token {
    std::int32_t id = 0;
    float score = 0.0F;
    double weight = 0.0;  // exp((score - largest) / temperature); in the end the sum up to here
  };
  static bool ranks_before(const Token& a, const Token& b);

  double weight_of(float score) const;
  void take(float bound);
  void keep_first();
  void keep_nucleus(double total);
  void keep_up_to(const Token& last);
  double sum_blocks();
  std::int32_t draw_of_all(double target) const;

  DrawOptions options_;
  RowScan scan_;
  std::span<const float> scores_;
  std::vector<float> tempered_;
  std::vector<Token> kept_;     // what is drawn from, unless that is all; by their ids
  std::vector<Token> ranking_;  // room to rank them in
  std::vector<double> sums_;    // of the weights of all up to the end of each block
  bool draws_of_all_ = false;
};

}  // namespace heed
