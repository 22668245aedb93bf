#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace heed {

/// Number of pieces on each side of a pair, without eos.
struct PairLength {
  std::uint32_t src;
  std::uint32_t tgt;
  bool operator==(const PairLength&) const = default;
};

/// Indices of pairs that go through the network together.
using Batch = std::vector<std::uint32_t>;

struct BatchOptions {
  /// Limit of a batch's cost: its number of pairs times its longest side, eos included. A single
  /// pair that costs more gets a batch of its own.
  std::size_t max_tokens = 4096;

  /// Limit of the number of pairs in a batch; 0 is no limit.
  std::size_t max_sentences = 0;

  std::uint64_t seed = 1;
};

/// The batches of one epoch: each index in [0, lengths.size()) once. Pairs of like lengths share a
/// batch, which of them is drawn anew every epoch, and the order of the batches is random. The plan
/// depends on the arguments alone: it is the same on every machine.
/// Throws std::invalid_argument when max_tokens is 0.
std::vector<Batch> plan_batches(std::span<const PairLength> lengths, const BatchOptions& options,
                                std::uint64_t epoch);

/// Batches for inference, the longest first (so that the first one shows whether memory suffices):
/// decreasing by longer side, then tgt, then src; of equals the smaller index first. Limits as in
/// BatchOptions. For text without a target side give tgt as 0.
std::vector<Batch> sorted_batches(std::span<const PairLength> lengths, std::size_t max_tokens,
                                  std::size_t max_sentences);

/// The same of some of the pairs only: `chosen`, in increasing order.
std::vector<Batch> sorted_batches(Batch chosen, std::span<const PairLength> lengths,
                                  std::size_t max_tokens, std::size_t max_sentences);

/// Deals a batch out to `parts` replicas (at least 1) so that their work is nearly equal: a pair's
/// is its tokens (eos included), those of the target side counted `tgt_cost` times. The costliest
/// pair first, each to the part with the least work so far, of equals to the first. A part is empty
/// when there are fewer pairs than parts. Within a part the costliest pair is first.
std::vector<Batch> split_batch(std::span<const std::uint32_t> batch,
                               std::span<const PairLength> lengths, std::size_t parts,
                               double tgt_cost = 1.0);

/// Share of the positions (both sides, eos included) that are padding, over all batches; 0 for
/// none.
double padding_ratio(std::span<const Batch> batches, std::span<const PairLength> lengths);

}  // namespace heed
