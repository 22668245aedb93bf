#include "app/forced_decoding.h"

#include <ATen/core/grad_mode.h>

#include <numeric>

#include "model/aten_ops.h"
#include "model/id_batch.h"

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
  const IdMatrix src_ids = pad_ids(src, /*before=*/-1, kEosId, kPadId);
  const IdMatrix tgt_in = pad_ids(tgt, kBosId, /*after=*/-1, kPadId);
  const IdMatrix tgt_out = pad_ids(tgt, /*before=*/-1, kEosId, kPadId);
  const Memory memory =
      transformer.encode(src_ids.ids.to(device), src_ids.is_token.to(device), context);
  const at::Tensor hidden = transformer.decode(tgt_in.ids.to(device), memory, context);
  const at::Tensor log_probs = at::log_softmax(transformer.project(hidden), -1);
  const at::Tensor chosen = log_probs.gather(2, tgt_out.ids.to(device).unsqueeze(2))
                                .squeeze(2)
                                .to(at::kCPU)
                                .contiguous();  // [batch, tgt_len]
  for (std::size_t row = 0; row < tgt.size(); ++row) {
    const float* values =
        chosen.const_data_ptr<float>() + static_cast<std::int64_t>(row) * chosen.size(1);
    result.token_log_probs.emplace_back(values, values + tgt[row].size() + 1);
  }
  return result;
}

}  // namespace heed
