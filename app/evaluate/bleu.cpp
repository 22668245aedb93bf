#include "app/evaluate/bleu.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <utility>
#include <vector>

#include "app/evaluate/ngrams.h"
#include "app/evaluate/signature.h"

namespace heed {
namespace {

constexpr unsigned kBitsPerWord = 32;

/// The reference length closest to the hypothesis's; the shorter of two that are as close.
std::int64_t closest_length(std::int64_t hypothesis, const std::vector<std::int64_t>& references) {
  return *std::min_element(references.begin(), references.end(), [&](auto a, auto b) {
    return std::pair(std::abs(a - hypothesis), a) < std::pair(std::abs(b - hypothesis), b);
  });
}

double brevity_penalty(std::int64_t hypothesis_length, std::int64_t reference_length) {
  if (hypothesis_length >= reference_length) return 1.0;
  if (hypothesis_length == 0) return 0.0;
  return std::exp(1.0 -
                  static_cast<double>(reference_length) / static_cast<double>(hypothesis_length));
}

/// Percent, up to the first order that no hypothesis is long enough for.
std::array<double, kBleuOrders> smoothed_precisions(const BleuStatistics& statistics) {
  std::array<double, kBleuOrders> precisions{};
  double smallest_match = 1.0;
  for (std::size_t n = 0; n < kBleuOrders && statistics.totals[n] > 0; ++n) {
    auto matches = static_cast<double>(statistics.matches[n]);
    if (statistics.matches[n] == 0) matches = smallest_match /= 2.0;
    precisions[n] = 100.0 * matches / static_cast<double>(statistics.totals[n]);
  }
  return precisions;
}

double geometric_mean(const std::array<double, kBleuOrders>& values) {
  if (std::find(values.begin(), values.end(), 0.0) != values.end()) return 0.0;
  double log_sum = 0.0;
  for (const double value : values) log_sum += std::log(value);
  return std::exp(log_sum / static_cast<double>(kBleuOrders));
}

}  // namespace

BleuStatistics& BleuStatistics::operator+=(const BleuStatistics& other) {
  hypothesis_length += other.hypothesis_length;
  reference_length += other.reference_length;
  for (std::size_t n = 0; n < kBleuOrders; ++n) {
    matches[n] += other.matches[n];
    totals[n] += other.totals[n];
  }
  return *this;
}

BleuStatistics& BleuStatistics::operator-=(const BleuStatistics& other) {
  hypothesis_length -= other.hypothesis_length;
  reference_length -= other.reference_length;
  for (std::size_t n = 0; n < kBleuOrders; ++n) {
    matches[n] -= other.matches[n];
    totals[n] -= other.totals[n];
  }
  return *this;
}

BleuStatistics Bleu::statistics(std::string_view hypothesis,
                                std::span<const std::string> references) const {
  if (references.empty()) throw std::invalid_argument("BLEU needs a reference for each segment");
  WordIds word_ids;
  const auto words_of = [&](std::string_view text) {
    const std::string prepared = prepare_segment(text, options_.lowercase);
    return word_ids.ids_of(tokenize_segment(prepared, options_.tokenizer));
  };

  std::vector<std::int64_t> ref_lengths;
  std::array<NgramCounts, kBleuOrders> ref_counts;
  for (const std::string& reference : references) {
    const std::vector<std::uint32_t> words = words_of(reference);
    ref_lengths.push_back(static_cast<std::int64_t>(words.size()));
    for (std::size_t n = 0; n < kBleuOrders; ++n) {
      ref_counts[n] = maximum_counts(ref_counts[n], count_ngrams(words, n + 1, kBitsPerWord));
    }
  }

  const std::vector<std::uint32_t> words = words_of(hypothesis);
  BleuStatistics result;
  result.hypothesis_length = static_cast<std::int64_t>(words.size());
  result.reference_length = closest_length(result.hypothesis_length, ref_lengths);
  for (std::size_t n = 0; n < kBleuOrders; ++n) {
    result.totals[n] = ngram_total(words.size(), n + 1);
    result.matches[n] = clipped_matches(count_ngrams(words, n + 1, kBitsPerWord), ref_counts[n]);
  }
  return result;
}

BleuScore Bleu::score(const BleuStatistics& statistics) const {
  BleuScore result;
  result.hypothesis_length = static_cast<std::size_t>(statistics.hypothesis_length);
  result.reference_length = static_cast<std::size_t>(statistics.reference_length);
  result.brevity_penalty =
      brevity_penalty(statistics.hypothesis_length, statistics.reference_length);
  // Smoothing is for a missing order; output that shares no word with the reference scores nothing.
  if (statistics.matches == decltype(statistics.matches){}) return result;
  result.precisions = smoothed_precisions(statistics);
  result.score = result.brevity_penalty * geometric_mean(result.precisions);
  return result;
}

std::string Bleu::signature(std::size_t num_references, std::string_view sampling) const {
  return fmt::format("nrefs:{}|{}case:{}|eff:no|tok:{}|smooth:exp|version:{}", num_references,
                     sampling, options_.lowercase ? "lc" : "mixed",
                     tokenizer_name(options_.tokenizer), kSacrebleuVersion);
}

BleuScore corpus_bleu(std::span<const std::string> hypotheses,
                      std::span<const std::string> references, BleuOptions options) {
  require_same_length(hypotheses.size(), references.size());
  const Bleu bleu(options);
  BleuStatistics sum;
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    sum += bleu.statistics(hypotheses[i], references.subspan(i, 1));
  }
  return bleu.score(sum);
}

}  // namespace heed
