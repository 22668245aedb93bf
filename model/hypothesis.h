#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace heed {

/// The logarithm of the probability of what can't be.
inline constexpr double kImpossible = -std::numeric_limits<double>::infinity();

/// One finished output of the search.
struct Hypothesis {
  std::vector<std::int32_t> tokens;  // without bos and eos
  double log_prob =
      0.0;             // natural logarithm; with eos, but where the search cut it off ahead of it
  double score = 0.0;  // log_prob / length_penalty(tokens and eos), eos where it is in log_prob;
                       // of a search with a coverage penalty that added
};

/// (number of tokens, eos counted)^alpha: alpha 0 ranks by probability, 1 by the mean
/// log-probability of a token, which is CTranslate2's and Marian's formula.
double length_penalty(std::int64_t length, double alpha);

}  // namespace heed
