#pragma once

#include <array>
#include <cstddef>

#include "data/line_traits.h"

namespace heed {

/// A line as it stands among its neighbours.
struct LineInContext {
  LineTraits traits;
  /// Its log length less the mean of the lines around it: text sorted by length, or long chapters
  /// after short ones, makes no pair look like a translation.
  float deviation = 0;
};

/// Sums over pairs of lines, from which is told how alike they are.
struct PairStatistics {
  double pairs = 0;
  double src_square = 0, tgt_square = 0, product = 0;  // of deviations
  std::array<double, kNumLineEndMarks* kNumLineEndMarks> end_marks = {};
  double shared_words = 0, possible_words = 0;
  double shared_numbers = 0, possible_numbers = 0;

  void add(const LineInContext& src, const LineInContext& tgt);
  void add(const PairStatistics& other, double weight);
  void scale(double factor);
  /// Of the deviations, in (-1, 1), drawn to 0 where there are few pairs.
  double correlation() const;
  /// Nats by which the pairs speak for being translations; to compare offsets of one text.
  double affinity() const;
  /// About the standard deviation of `affinity` among offsets that pair strangers.
  double noise() const;
};

/// How much a pair of lines speaks for being a translation rather than two lines that only stand
/// near each other: the logarithm of the ratio of the two likelihoods, of their lengths (as Gale
/// and Church 1993 saw, these correlate; here their logarithms are jointly normal), of how they
/// end, and of the words and numbers that they share.
class ShiftEvidence {
 public:
  /// `translations` are taken to be such, `neighbours` to be others.
  void fit(const PairStatistics& translations, const PairStatistics& neighbours);

  /// In nats, bounded, so that no single pair decides.
  double of(const LineInContext& src, const LineInContext& tgt) const;

 private:
  struct Share {
    double hit = 0, miss = 0;
    void fit(double shared, double possible, double shared_near, double possible_near);
    double of(int shared, int possible) const { return hit * shared + miss * (possible - shared); }
  };

  double constant_ = 0, square_ = 0, product_ = 0;  // of deviations over their spread
  double src_scale_ = 1, tgt_scale_ = 1;
  std::array<double, kNumLineEndMarks* kNumLineEndMarks> end_marks_ = {};
  Share words_, numbers_;
};

}  // namespace heed
