#include "model/masks.h"

#include "model/aten_ops.h"

namespace heed {

at::Tensor padding_bias(const at::Tensor& is_token) {
  const at::Tensor bias = at::zeros(is_token.sizes(), is_token.options().dtype(at::kFloat));
  return bias.masked_fill_(is_token.logical_not(), kMaskedScore).unsqueeze(1).unsqueeze(1);
}

at::Tensor causal_bias(std::int64_t tgt_len, const at::Tensor& like) {
  return at::full({tgt_len, tgt_len}, kMaskedScore, like.options())
      .triu_(1)
      .view({1, 1, tgt_len, tgt_len});
}

}  // namespace heed
