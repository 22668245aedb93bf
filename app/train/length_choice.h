#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "app/config/run_config.h"

namespace heed {

/// Exponents of the length penalty that are tried on dev text. Above 2 a little more may be had on
/// sentences like those of the dev text, at the price of endless ones elsewhere.
inline constexpr std::array kLengthPenalties{0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0};

/// One of a sentence's hypotheses.
struct LengthCandidate {
  std::string text;
  double log_prob = 0.0;
  std::int64_t length = 0;  // what length_penalty() counts: tokens and eos
};

/// The score of a text, higher being better, when of each sentence's hypotheses the best by each of
/// `kLengthPenalties` is taken; of equal ones the first. `found[i]`, which is not empty, is of the
/// sentence of `references[i]`. By perplexity nothing could be chosen: BLEU then.
std::vector<double> score_length_penalties(std::span<const std::vector<LengthCandidate>> found,
                                           const std::vector<std::string>& references,
                                           ValidationMetric metric);

/// An exponent and the score that it gave.
struct LengthChoice {
  double length_penalty = 1.0;
  double score = 0.0;
};

/// The one of the highest score; `present` where none is better than it, if it is among them.
/// `scores[i]` is of `kLengthPenalties[i]`.
LengthChoice choose_length_penalty(std::span<const double> scores, double present);

}  // namespace heed
