#include "data/batcher.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "data/random.h"

namespace heed {
namespace {

// Longest side of a pair, eos included.
std::size_t longer_side(const PairLength& length) {
  return std::size_t{std::max(length.src, length.tgt)} + 1;
}

std::size_t token_count(const PairLength& length) {
  return std::size_t{length.src} + length.tgt + 2;
}

Batch all_indices(std::size_t size) {
  Batch indices(size);
  std::iota(indices.begin(), indices.end(), 0U);
  return indices;
}

/// Cuts an order of pairs into batches, each as large as its limits allow.
std::vector<Batch> cut(std::span<const std::uint32_t> order, std::span<const PairLength> lengths,
                       std::size_t max_tokens, std::size_t max_sentences) {
  std::vector<Batch> batches;
  std::size_t longest = 0;
  for (const std::uint32_t index : order) {
    const std::size_t side = longer_side(lengths[index]);
    const std::size_t size = batches.empty() ? 0 : batches.back().size();
    const bool is_full = max_sentences != 0 && size == max_sentences;
    if (size == 0 || is_full || (size + 1) * std::max(longest, side) > max_tokens) {
      batches.emplace_back();
      longest = 0;
    }
    batches.back().push_back(index);
    longest = std::max(longest, side);
  }
  return batches;
}

void require_max_tokens(std::size_t max_tokens) {
  if (max_tokens == 0) throw std::invalid_argument("a batch needs max_tokens of at least 1");
}

// Orders pairs such that neighbours are alike on both sides: strips of like tgt length, within a
// strip by src length, upwards and downwards in turn. There are twice as many strips as a strip has
// batches: of the proportions tried on three corpora at 4,096 tokens, this one never padded more
// than sorting by (tgt, src) alone, and up to half as much.
void order_by_length(std::span<std::uint32_t> order, std::span<const PairLength> lengths,
                     std::size_t max_tokens) {
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return lengths[a].tgt < lengths[b].tgt;
  });
  double total = 0;
  for (const std::uint32_t index : order) total += static_cast<double>(longer_side(lengths[index]));
  const double strip_tokens = std::sqrt(total * static_cast<double>(max_tokens) / 2);
  bool is_upwards = true;
  double tokens = 0;
  for (std::size_t begin = 0, end = 0; end < order.size(); begin = end, tokens = 0) {
    while (end < order.size() && tokens < strip_tokens) {
      tokens += static_cast<double>(longer_side(lengths[order[end++]]));
    }
    const auto strip = order.subspan(begin, end - begin);
    std::stable_sort(strip.begin(), strip.end(), [&](std::uint32_t a, std::uint32_t b) {
      return is_upwards ? lengths[a].src < lengths[b].src : lengths[a].src > lengths[b].src;
    });
    is_upwards = !is_upwards;
  }
}

}  // namespace

std::vector<Batch> plan_batches(std::span<const PairLength> lengths, const BatchOptions& options,
                                std::uint64_t epoch) {
  require_max_tokens(options.max_tokens);
  SplitMix64 random(options.seed, epoch);
  Batch order = all_indices(lengths.size());
  shuffle(std::span(order), random);
  order_by_length(order, lengths, options.max_tokens);
  std::vector<Batch> batches = cut(order, lengths, options.max_tokens, options.max_sentences);
  shuffle(std::span(batches), random);
  return batches;
}

std::vector<Batch> sorted_batches(std::span<const PairLength> lengths, std::size_t max_tokens,
                                  std::size_t max_sentences) {
  return sorted_batches(all_indices(lengths.size()), lengths, max_tokens, max_sentences);
}

std::vector<Batch> sorted_batches(Batch chosen, std::span<const PairLength> lengths,
                                  std::size_t max_tokens, std::size_t max_sentences) {
  require_max_tokens(max_tokens);
  const auto key = [&](std::uint32_t index) {
    const PairLength& length = lengths[index];
    return std::tuple(longer_side(length), length.tgt, length.src);
  };
  std::stable_sort(chosen.begin(), chosen.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return key(a) > key(b); });
  return cut(chosen, lengths, max_tokens, max_sentences);
}

std::vector<Batch> split_batch(std::span<const std::uint32_t> batch,
                               std::span<const PairLength> lengths, std::size_t parts,
                               double tgt_cost) {
  if (parts == 0) throw std::invalid_argument("a batch cannot be split into 0 parts");
  const auto cost = [&](std::uint32_t index) {
    return (lengths[index].src + 1.0) + tgt_cost * (lengths[index].tgt + 1.0);
  };
  Batch order(batch.begin(), batch.end());
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return cost(a) > cost(b); });
  std::vector<Batch> shards(parts);
  std::vector<double> work(parts, 0.0);
  for (const std::uint32_t index : order) {
    const auto part =
        static_cast<std::size_t>(std::min_element(work.begin(), work.end()) - work.begin());
    shards[part].push_back(index);
    work[part] += cost(index);
  }
  return shards;
}

double padding_ratio(std::span<const Batch> batches, std::span<const PairLength> lengths) {
  std::size_t positions = 0;
  std::size_t tokens = 0;
  for (const Batch& batch : batches) {
    std::size_t longest_src = 0;
    std::size_t longest_tgt = 0;
    for (const std::uint32_t index : batch) {
      longest_src = std::max<std::size_t>(longest_src, lengths[index].src);
      longest_tgt = std::max<std::size_t>(longest_tgt, lengths[index].tgt);
      tokens += token_count(lengths[index]);
    }
    positions += batch.size() * (longest_src + longest_tgt + 2);
  }
  if (positions == 0) return 0;
  return 1.0 - static_cast<double>(tokens) / static_cast<double>(positions);
}

}  // namespace heed
