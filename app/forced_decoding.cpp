#include "app/forced_decoding.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <numeric>

#include "app/packed_pairs.h"
#include "app/torch_memory.h"
#include "model/aten_ops.h"
#include "model/loss.h"

namespace heed {
namespace {

constexpr std::int64_t kRankedRows = 256;  // whose distributions exist at once

StepScores rank_tokens(std::span<const float> log_probs, TokenId given, std::size_t count) {
  std::vector<TokenId> ids(log_probs.size());
  std::iota(ids.begin(), ids.end(), 0);
  std::erase_if(ids, [](TokenId id) { return id == kPadId || id == kBosId; });
  count = std::min(count, ids.size());
  const auto is_better = [&](TokenId a, TokenId b) {
    const float first = log_probs[static_cast<std::size_t>(a)];
    const float second = log_probs[static_cast<std::size_t>(b)];
    return first != second ? first > second : a < b;
  };
  const auto end = ids.begin() + static_cast<std::ptrdiff_t>(count);
  std::partial_sort(ids.begin(), end, ids.end(), is_better);
  StepScores scores;
  for (auto id = ids.begin(); id != end; ++id)
    scores.best.push_back({*id, static_cast<double>(log_probs[static_cast<std::size_t>(*id)])});
  scores.given_log_prob = static_cast<double>(log_probs[static_cast<std::size_t>(given)]);
  scores.given_rank = 1 + static_cast<int>(std::count_if(ids.begin(), ids.end(), [&](TokenId id) {
                        return is_better(id, given);
                      }));
  return scores;
}

/// For each row of packed `hidden` the best tokens and the place of `given`.
std::vector<StepScores> rank_rows(const Transformer& transformer, const at::Tensor& hidden,
                                  const at::Tensor& given, std::size_t count) {
  std::vector<StepScores> scores;
  const std::int64_t* targets = given.const_data_ptr<std::int64_t>();
  for (std::int64_t row = 0; row < hidden.size(0); row += kRankedRows) {
    const std::int64_t rows = std::min(kRankedRows, hidden.size(0) - row);
    const at::Tensor logits = transformer.project(hidden.narrow(0, row, rows));
    const at::Tensor log_probs = at::log_softmax(logits, -1, at::kFloat).to(at::kCPU).contiguous();
    const auto width = static_cast<std::size_t>(log_probs.size(1));
    for (std::int64_t r = 0; r < rows; ++r) {
      const float* values = log_probs.const_data_ptr<float>() + r * log_probs.size(1);
      scores.push_back(rank_tokens({values, width}, static_cast<TokenId>(targets[row + r]), count));
    }
  }
  return scores;
}

}  // namespace

double ForcedDecoding::log_prob(std::size_t index) const {
  const auto& tokens = token_log_probs[index];
  return std::accumulate(tokens.begin(), tokens.end(), 0.0);
}

namespace {

ForcedDecoding decode(const Transformer& transformer, std::span<const std::span<const TokenId>> src,
                      std::span<const std::span<const TokenId>> tgt, const ForcedRequest& request,
                      at::Device device) {
  const at::NoGradGuard no_grad;
  ForcedDecoding result;
  const ForwardContext context{nullptr, request.weights ? &result.weights : nullptr};
  const PackedPairs pairs = pack_pairs(src, tgt, request.direction);
  const Memory memory = transformer.encode(pairs.src.to(device), context);
  const PackedIds tgt_in = pairs.tgt_in.to(device);
  const at::Tensor hidden = transformer.decode(tgt_in, memory, context);
  if (request.alignment)
    result.alignment = to_probabilities(
        transformer.alignment_head()->forward(hidden, tgt_in.packing, memory, context));
  const Packing& packing = pairs.tgt_out.packing;
  if (request.log_probs) {
    const at::Tensor log_probs =
        target_log_probs(hidden, transformer.output_weight(), pairs.tgt_out.ids.to(device),
                         transformer.output_bias())
            .to(at::kCPU);
    for (std::int64_t s = 0; s < packing.batch(); ++s) {
      const float* values = log_probs.const_data_ptr<float>() + packing.begin(s);
      result.token_log_probs.emplace_back(values, values + packing.length(s));
    }
  }
  if (request.alternatives == 0) return result;
  const auto scores = rank_rows(transformer, hidden, pairs.tgt_out.ids, request.alternatives);
  for (std::int64_t s = 0; s < packing.batch(); ++s)
    result.steps.emplace_back(scores.begin() + packing.begin(s),
                              scores.begin() + packing.begin(s) + packing.length(s));
  return result;
}

}  // namespace

ForcedDecoding force_decode(const Transformer& transformer,
                            std::span<const std::span<const TokenId>> src,
                            std::span<const std::span<const TokenId>> tgt,
                            const ForcedRequest& request, at::Device device) {
  return with_bad_alloc([&] { return decode(transformer, src, tgt, request, device); });
}

}  // namespace heed
