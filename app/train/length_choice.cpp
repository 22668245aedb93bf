#include "app/train/length_choice.h"

#include <algorithm>

#include "app/evaluate/bleu.h"
#include "app/evaluate/chrf.h"
#include "model/hypothesis.h"

namespace heed {
namespace {

const LengthCandidate& best_by(const std::vector<LengthCandidate>& candidates, double alpha) {
  const auto score = [alpha](const LengthCandidate& candidate) {
    return candidate.log_prob / length_penalty(candidate.length, alpha);
  };
  return *std::max_element(
      candidates.begin(), candidates.end(),
      [&](const LengthCandidate& a, const LengthCandidate& b) { return score(a) < score(b); });
}

}  // namespace

std::vector<double> score_length_penalties(std::span<const std::vector<LengthCandidate>> found,
                                           const std::vector<std::string>& references,
                                           ValidationMetric metric) {
  std::vector<double> scores;
  for (const double alpha : kLengthPenalties) {
    std::vector<std::string> outputs;
    for (const auto& candidates : found) outputs.push_back(best_by(candidates, alpha).text);
    scores.push_back(metric == ValidationMetric::kChrf ? corpus_chrf(outputs, references)
                                                       : corpus_bleu(outputs, references).score);
  }
  return scores;
}

LengthChoice choose_length_penalty(std::span<const double> scores, double present) {
  LengthChoice choice{present, 0.0};
  const auto own = std::find(kLengthPenalties.begin(), kLengthPenalties.end(), present);
  if (own != kLengthPenalties.end())
    choice.score = scores[static_cast<std::size_t>(own - kLengthPenalties.begin())];
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (scores[i] > choice.score) choice = {kLengthPenalties[i], scores[i]};
  return choice;
}

}  // namespace heed
