#include "app/align/link_extraction.h"

#include <fmt/format.h>

#include <stdexcept>

namespace heed {
namespace {

constexpr int kNone = -1;

// The strongest of the first `columns` of a row, or kNone when no weight is above 0. NaN never
// wins.
int strongest_column(const AttentionMatrix& matrix, int row, int columns) {
  int best = kNone;
  float best_weight = 0.0F;
  for (int column = 0; column < columns; ++column) {
    if (matrix.at(row, column) > best_weight) {
      best = column;
      best_weight = matrix.at(row, column);
    }
  }
  return best;
}

int strongest_row(const AttentionMatrix& matrix, int column, int rows) {
  int best = kNone;
  float best_weight = 0.0F;
  for (int row = 0; row < rows; ++row) {
    if (matrix.at(row, column) > best_weight) {
      best = row;
      best_weight = matrix.at(row, column);
    }
  }
  return best;
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

// What target unit `tgt` is linked to, or kNone.
int linked_source(const AttentionMatrix& matrix, int tgt, const SentenceLengths& lengths,
                  const LinkOptions& options, const FinalPunctuation& final_punctuation) {
  if (!options.end_of_sentence_unlinks) return strongest_column(matrix, tgt, lengths.src);
  const int end = lengths.src - (final_punctuation.src ? 1 : 0);
  const int src = strongest_column(matrix, tgt, end);
  if (src != kNone && matrix.at(tgt, src) >= weight_from(matrix, tgt, end)) return src;
  const bool is_final_mark = final_punctuation.tgt && tgt == lengths.tgt - 1;
  return final_punctuation.src && is_final_mark ? lengths.src - 1 : kNone;
}

std::vector<Link> strongest_links(const AttentionMatrix& matrix, const SentenceLengths& lengths,
                                  const LinkOptions& options,
                                  const FinalPunctuation& final_punctuation) {
  std::vector<Link> links;
  for (int tgt = 0; tgt < lengths.tgt; ++tgt) {
    const int src = linked_source(matrix, tgt, lengths, options, final_punctuation);
    if (src == kNone) continue;
    const bool is_mutual = strongest_row(matrix, src, lengths.tgt) == tgt;
    if (options.rule == LinkRule::kMutual && !is_mutual) continue;
    links.push_back({src, tgt, static_cast<double>(matrix.at(tgt, src))});
  }
  return links;
}

}  // namespace

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
