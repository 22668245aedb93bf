#include "app/align/attention_choice.h"

#include <algorithm>

#include "app/align/link_extraction.h"
#include "app/align/posterior_links.h"
#include "model/aten_ops.h"

namespace heed {
namespace {

/// For each row but the last, of the end, the strongest of the columns but the last.
std::vector<int> strongest_columns(const AttentionMatrix& matrix) {
  std::vector<int> strongest;
  for (int row = 0; row + 1 < matrix.rows; ++row)
    strongest.push_back(strongest_column(matrix, row, matrix.columns - 1));
  return strongest;
}

void add(AttentionMatrix& sum, const AttentionMatrix& matrix) {
  if (sum.weights.empty()) {
    sum = matrix;
    return;
  }
  for (std::size_t i = 0; i < sum.weights.size(); ++i) sum.weights[i] += matrix.weights[i];
}

std::size_t count_links(const std::vector<int>& partners) {
  return partners.size() -
         static_cast<std::size_t>(std::count(partners.begin(), partners.end(), -1));
}

/// Links that both directions have.
std::size_t count_common(const std::vector<int>& src_of_tgt, const std::vector<int>& tgt_of_src) {
  std::size_t common = 0;
  for (std::size_t tgt = 0; tgt < src_of_tgt.size(); ++tgt)
    common += src_of_tgt[tgt] >= 0 &&
              tgt_of_src[static_cast<std::size_t>(src_of_tgt[tgt])] == static_cast<int>(tgt);
  return common;
}

double f1(std::size_t common, std::size_t links_of_both) {
  return links_of_both == 0
             ? 0.0
             : 2.0 * static_cast<double>(common) / static_cast<double>(links_of_both);
}

/// Links of each reading over all pairs; nothing without pairs.
std::vector<std::size_t> count_all(std::span<const StrongestUnits> pairs) {
  if (pairs.empty()) return {};
  std::vector<std::size_t> counts(pairs.front().size());
  for (const StrongestUnits& pair : pairs)
    for (std::size_t r = 0; r < counts.size(); ++r) counts[r] += count_links(pair[r]);
  return counts;
}

}  // namespace

std::vector<AttentionReading> candidate_readings(const TransformerConfig& config) {
  std::vector<AttentionReading> readings;
  for (const LinkStep step : {LinkStep::kProduce, LinkStep::kConsume}) {
    readings.push_back({{}, step});
    for (int layer = 0; layer < static_cast<int>(config.decoder_layers); ++layer) {
      readings.push_back({{{layer}, {}}, step});
      for (int head = 0; head < static_cast<int>(config.num_heads); ++head)
        readings.push_back({{{layer}, {head}}, step});
    }
  }
  for (AttentionReading& reading : readings) resolve(reading.selection, config);
  return readings;
}

StrongestUnits strongest_units(const std::vector<at::Tensor>& cross, std::int64_t row,
                               const UnitMap& tgt, const UnitMap& src) {
  StrongestUnits strongest;
  for (const LinkStep step : {LinkStep::kProduce, LinkStep::kConsume}) {
    AttentionMatrix of_all;
    const std::size_t place_of_all = strongest.size();
    strongest.emplace_back();
    for (int layer = 0; layer < static_cast<int>(cross.size()); ++layer) {
      AttentionMatrix of_layer;
      const std::size_t place_of_layer = strongest.size();
      strongest.emplace_back();
      const auto heads = static_cast<int>(cross[static_cast<std::size_t>(layer)].size(1));
      for (int head = 0; head < heads; ++head) {
        const AttentionMatrix matrix =
            read_attention(cross, row, {{{layer}, {head}}, step}, tgt, src);
        strongest.push_back(strongest_columns(matrix));
        add(of_layer, matrix);
      }
      strongest[place_of_layer] = strongest_columns(of_layer);
      add(of_all, of_layer);
    }
    strongest[place_of_all] = strongest_columns(of_all);
  }
  return strongest;
}

AttentionChoice choose_by_agreement(std::span<const StrongestUnits> forward,
                                    std::span<const StrongestUnits> reverse) {
  AttentionChoice best;
  const std::vector<std::size_t> forward_links = count_all(forward);
  const std::vector<std::size_t> reverse_links = count_all(reverse);
  for (std::size_t f = 0; f < forward_links.size(); ++f) {
    for (std::size_t r = 0; r < reverse_links.size(); ++r) {
      std::size_t common = 0;
      for (std::size_t pair = 0; pair < forward.size(); ++pair)
        common += count_common(forward[pair][f], reverse[pair][r]);
      const double agreement = f1(common, forward_links[f] + reverse_links[r]);
      if (agreement > best.agreement) best = {f, r, agreement};
    }
  }
  return best;
}

AttentionChoice choose_by_head(std::span<const StrongestUnits> forward,
                               std::span<const LinkPosteriors> head) {
  AttentionChoice best;
  const std::vector<std::size_t> links = count_all(forward);
  std::vector<std::size_t> common(links.size());
  std::size_t head_links = 0;
  for (std::size_t pair = 0; pair < forward.size(); ++pair) {
    for (const Link& link : best_of_tgt(head[pair])) {
      ++head_links;
      for (std::size_t r = 0; r < links.size(); ++r)
        common[r] += forward[pair][r][static_cast<std::size_t>(link.tgt)] == link.src;
    }
  }
  for (std::size_t r = 0; r < links.size(); ++r) {
    const double agreement = f1(common[r], links[r] + head_links);
    if (agreement > best.agreement) best = {r, 0, agreement};
  }
  return best;
}

}  // namespace heed
