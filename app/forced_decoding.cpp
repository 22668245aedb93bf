#include "app/forced_decoding.h"

#include <ATen/core/grad_mode.h>

#include <numeric>

#include "app/packed_pairs.h"
#include "model/aten_ops.h"
#include "model/loss.h"

namespace heed {

double ForcedDecoding::log_prob(std::size_t index) const {
  const auto& tokens = token_log_probs[index];
  return std::accumulate(tokens.begin(), tokens.end(), 0.0);
}

ForcedDecoding force_decode(const Transformer& transformer,
                            std::span<const std::span<const TokenId>> src,
                            std::span<const std::span<const TokenId>> tgt, bool want_weights,
                            at::Device device) {
  const at::NoGradGuard no_grad;
  ForcedDecoding result;
  const ForwardContext context{nullptr, want_weights ? &result.weights : nullptr};
  const PackedPairs pairs = pack_pairs(src, tgt);
  const Memory memory = transformer.encode(pairs.src.to(device), context);
  const at::Tensor hidden = transformer.decode(pairs.tgt_in.to(device), memory, context);
  const at::Tensor log_probs =
      target_log_probs(hidden, transformer.output_weight(), pairs.tgt_out.ids.to(device))
          .to(at::kCPU);
  const Packing& packing = pairs.tgt_out.packing;
  for (std::int64_t s = 0; s < packing.batch(); ++s) {
    const float* values = log_probs.const_data_ptr<float>() + packing.begin(s);
    result.token_log_probs.emplace_back(values, values + packing.length(s));
  }
  return result;
}

}  // namespace heed
