#include "app/align/link_extraction.h"

#include <fmt/format.h>

#include <optional>
#include <stdexcept>

namespace heed {
namespace {

constexpr int kNone = -1;

// The place of the greatest of `count` weights, or kNone when none is above 0. NaN never wins.
template <typename WeightAt>
int strongest(int count, const WeightAt& weight_at) {
  int best = kNone;
  float best_weight = 0.0F;
  for (int place = 0; place < count; ++place) {
    const float weight = weight_at(place);
    if (weight > best_weight) {
      best = place;
      best_weight = weight;
    }
  }
  return best;
}

int strongest_row(const AttentionMatrix& matrix, int column, int rows) {
  return strongest(rows, [&](int row) { return matrix.at(row, column); });
}

std::vector<Link> links_above(const AttentionMatrix& matrix, const SentenceLengths& lengths,
                              double threshold) {
  std::vector<Link> links;
  for (int tgt = 0; tgt < lengths.tgt; ++tgt) {
    for (int src = 0; src < lengths.src; ++src) {
      const double weight = static_cast<double>(matrix.at(tgt, src));
      if (weight > 0.0 && weight >= threshold) links.push_back({src, tgt, weight});
    }
  }
  return links;
}

// The sum of a row's weights from `begin` on.
float weight_from(const AttentionMatrix& matrix, int row, int begin) {
  float sum = 0.0F;
  for (int column = begin; column < matrix.columns; ++column) sum += matrix.at(row, column);
  return sum;
}

std::optional<Link> strongest_link(const AttentionMatrix& matrix, int tgt, int columns) {
  const int src = strongest_column(matrix, tgt, columns);
  if (src == kNone) return std::nullopt;
  return Link{src, tgt, static_cast<double>(matrix.at(tgt, src))};
}

// The same where looking at the end of the source, from column `end` on, is no link.
std::optional<Link> link_ahead_of_end(const AttentionMatrix& matrix, int tgt,
                                      const SentenceLengths& lengths,
                                      const FinalPunctuation& final_punctuation) {
  const int end = lengths.src - (final_punctuation.src ? 1 : 0);
  const double end_weight = static_cast<double>(weight_from(matrix, tgt, end));
  const std::optional<Link> link = strongest_link(matrix, tgt, end);
  if (link && link->probability >= end_weight) return link;
  const bool is_final_mark = final_punctuation.tgt && tgt == lengths.tgt - 1;
  if (!final_punctuation.src || !is_final_mark || !(end_weight > 0.0)) return std::nullopt;
  return Link{lengths.src - 1, tgt, end_weight};
}

std::vector<Link> strongest_links(const AttentionMatrix& matrix, const SentenceLengths& lengths,
                                  const LinkOptions& options,
                                  const FinalPunctuation& final_punctuation) {
  std::vector<Link> links;
  for (int tgt = 0; tgt < lengths.tgt; ++tgt) {
    const auto link = options.end_of_sentence_unlinks
                          ? link_ahead_of_end(matrix, tgt, lengths, final_punctuation)
                          : strongest_link(matrix, tgt, lengths.src);
    if (!link) continue;
    const bool is_mutual = strongest_row(matrix, link->src, lengths.tgt) == tgt;
    if (options.rule == LinkRule::kArgmax || is_mutual) links.push_back(*link);
  }
  return links;
}

}  // namespace

int strongest_column(const AttentionMatrix& matrix, int row, int columns) {
  return strongest(columns, [&](int column) { return matrix.at(row, column); });
}

std::vector<Link> extract_links(const AttentionMatrix& matrix, const SentenceLengths& lengths,
                                const LinkOptions& options,
                                const FinalPunctuation& final_punctuation) {
  if (lengths.src > matrix.columns || lengths.tgt > matrix.rows) {
    throw std::invalid_argument(fmt::format("weights [{}, {}] for {} target and {} source units",
                                            matrix.rows, matrix.columns, lengths.tgt, lengths.src));
  }
  if (options.rule == LinkRule::kThreshold)
    return to_link_set(links_above(matrix, lengths, options.threshold));
  return to_link_set(strongest_links(matrix, lengths, options, final_punctuation));
}

}  // namespace heed
