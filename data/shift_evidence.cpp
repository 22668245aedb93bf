#include "data/shift_evidence.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace heed {
namespace {

constexpr double kMostAgainst = -3.0;  // nats a pair
constexpr double kMostFor = 6.0;

std::size_t end_mark_cell(const LineTraits& src, const LineTraits& tgt) {
  return static_cast<std::size_t>(src.end_mark) * kNumLineEndMarks +
         static_cast<std::size_t>(tgt.end_mark);
}

struct Overlap {
  int shared = 0;
  int possible = 0;
};

Overlap word_overlap(const LineTraits& src, const LineTraits& tgt) {
  Overlap overlap{0, std::min(src.num_words, tgt.num_words)};
  if (overlap.possible == 0) return overlap;
  for (std::size_t i = 0; i < src.words.size(); ++i)
    if (const std::uint64_t shared = src.words[i] & tgt.words[i]; shared != 0)
      overlap.shared += std::popcount(shared);
  return overlap;
}

Overlap number_overlap(const LineTraits& src, const LineTraits& tgt) {
  const std::uint64_t shared = src.numbers & tgt.numbers;
  return {shared == 0 ? 0 : std::popcount(shared), std::min(src.num_numbers, tgt.num_numbers)};
}

/// Mutual information of the table's two sides, times its total.
double information(const std::array<double, kNumLineEndMarks * kNumLineEndMarks>& table) {
  std::array<double, kNumLineEndMarks> rows = {}, columns = {};
  for (std::size_t cell = 0; cell < table.size(); ++cell) {
    rows[cell / kNumLineEndMarks] += table[cell];
    columns[cell % kNumLineEndMarks] += table[cell];
  }
  const double total = std::accumulate(rows.begin(), rows.end(), 0.0);
  double sum = 0;
  for (std::size_t cell = 0; cell < table.size(); ++cell)
    if (table[cell] > 0)
      sum += table[cell] *
             std::log(table[cell] * total /
                      (rows[cell / kNumLineEndMarks] * columns[cell % kNumLineEndMarks]));
  return sum;
}

}  // namespace

void PairStatistics::add(const LineInContext& src, const LineInContext& tgt) {
  if (src.traits.is_blank || tgt.traits.is_blank) return;
  ++pairs;
  src_square += src.deviation * src.deviation;
  tgt_square += tgt.deviation * tgt.deviation;
  product += src.deviation * tgt.deviation;
  ++end_marks[end_mark_cell(src.traits, tgt.traits)];
  const Overlap words = word_overlap(src.traits, tgt.traits);
  shared_words += words.shared;
  possible_words += words.possible;
  const Overlap numbers = number_overlap(src.traits, tgt.traits);
  shared_numbers += numbers.shared;
  possible_numbers += numbers.possible;
}

void PairStatistics::add(const PairStatistics& other, double weight) {
  pairs += weight * other.pairs;
  src_square += weight * other.src_square;
  tgt_square += weight * other.tgt_square;
  product += weight * other.product;
  for (std::size_t cell = 0; cell < end_marks.size(); ++cell)
    end_marks[cell] += weight * other.end_marks[cell];
  shared_words += weight * other.shared_words;
  possible_words += weight * other.possible_words;
  shared_numbers += weight * other.shared_numbers;
  possible_numbers += weight * other.possible_numbers;
}

void PairStatistics::scale(double factor) {
  add(*this, factor - 1);
}

double PairStatistics::correlation() const {
  constexpr double kPriorPairs = 20;
  const double spread = std::sqrt(src_square * tgt_square);
  if (spread <= 0) return 0;
  return std::clamp(product / spread * pairs / (pairs + kPriorPairs), -0.98, 0.98);
}

double PairStatistics::affinity() const {
  const double r = std::max(0.0, correlation());
  return -0.5 * pairs * std::log(1 - r * r) + information(end_marks) + shared_words +
         2 * shared_numbers;
}

double PairStatistics::noise() const {
  return std::sqrt(shared_words + 4 * shared_numbers);
}

void ShiftEvidence::Share::fit(double shared, double possible, double shared_near,
                               double possible_near) {
  const double rate_near = (shared_near + 1) / (possible_near + 20);
  const double rate = std::max(rate_near, (shared + 20 * rate_near) / (possible + 20));
  hit = std::log(rate / rate_near);
  miss = std::log((1 - std::min(rate, 0.98)) / (1 - std::min(rate_near, 0.98)));
}

void ShiftEvidence::fit(const PairStatistics& translations, const PairStatistics& neighbours) {
  const double r = std::max(0.0, translations.correlation());
  const double r_near = std::min(r, neighbours.correlation());
  const auto constant = [](double c) { return -0.5 * std::log(1 - c * c); };
  const auto square = [](double c) { return -c * c / (2 * (1 - c * c)); };
  const auto product = [](double c) { return c / (1 - c * c); };
  constant_ = constant(r) - constant(r_near);
  square_ = square(r) - square(r_near);
  product_ = product(r) - product(r_near);
  const auto scale = [&](double sum) { return sum > 0 ? std::sqrt(translations.pairs / sum) : 0; };
  src_scale_ = scale(translations.src_square);
  tgt_scale_ = scale(translations.tgt_square);
  const double cells = static_cast<double>(end_marks_.size());
  for (std::size_t cell = 0; cell < end_marks_.size(); ++cell) {
    // Ten pairs as their neighbours are, so that a rare combination says little.
    const double near = (neighbours.end_marks[cell] + 1) / (neighbours.pairs + cells);
    end_marks_[cell] =
        std::log((translations.end_marks[cell] + 10 * near) / (translations.pairs + 10) / near);
  }
  words_.fit(translations.shared_words, translations.possible_words, neighbours.shared_words,
             neighbours.possible_words);
  numbers_.fit(translations.shared_numbers, translations.possible_numbers,
               neighbours.shared_numbers, neighbours.possible_numbers);
}

double ShiftEvidence::of(const LineInContext& src, const LineInContext& tgt) const {
  if (src.traits.is_blank || tgt.traits.is_blank) return 0;
  const double x = std::clamp(src.deviation * src_scale_, -3.0, 3.0);
  const double y = std::clamp(tgt.deviation * tgt_scale_, -3.0, 3.0);
  const Overlap words = word_overlap(src.traits, tgt.traits);
  const Overlap numbers = number_overlap(src.traits, tgt.traits);
  return std::clamp(constant_ + square_ * (x * x + y * y) + product_ * x * y +
                        end_marks_[end_mark_cell(src.traits, tgt.traits)] +
                        words_.of(words.shared, words.possible) +
                        numbers_.of(numbers.shared, numbers.possible),
                    kMostAgainst, kMostFor);
}

}  // namespace heed
