#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "app/align/link.h"
#include "app/align/symmetrization.h"
#include "model/word_alignment/hmm_aligner.h"

namespace heed {

/// The links of which `mean` is at least `threshold` (and above 0).
std::vector<Link> links_above(const LinkPosteriors& posteriors, double threshold);

/// In one direction: each target word (each source word) to its most probable partner, or to none
/// where that is more probable. Of equal ones the first.
std::vector<Link> best_of_tgt(const LinkPosteriors& posteriors);
std::vector<Link> best_of_src(const LinkPosteriors& posteriors);

/// The mean of what a model's two directions say; `reverse` has the sides exchanged.
LinkPosteriors mean_of_directions(const LinkPosteriors& forward, const LinkPosteriors& reverse);

/// How links are chosen by probability.
struct PosteriorRule {
  std::optional<Symmetrization> symmetrization;  // of the two directions' best; none: by threshold
  double threshold = 0.3;
};
std::vector<Link> choose_links(const LinkPosteriors& posteriors, const PosteriorRule& rule);

/// A threshold and the F1 to be expected of it.
struct ExpectedF1 {
  double threshold = 0.5;
  double f1 = 0.0;
};

/// Finds, without gold, the threshold whose links have the best expected F1 if the probabilities
/// are right: with n links of summed probability h out of t in all, F = 2 h / (n + t) (the best
/// threshold is then half of the best F: Lipton, Elkan & Naryanaswamy 2014).
class ThresholdSearch {
 public:
  void add(const LinkPosteriors& posteriors);
  void add(const ThresholdSearch& other);
  /// What ExpectedF1 says by itself when nothing with a probability was added.
  ExpectedF1 best() const;

 private:
  static constexpr std::size_t kBins = 4096;
  std::vector<std::size_t> counts_ = std::vector<std::size_t>(kBins + 1);
};

}  // namespace heed
