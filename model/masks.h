#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace heed {

/// Added to the score of a key that must not be attended to. Finite, so that a row with every key
/// masked stays finite; exp() of it is exactly 0 beside any real score.
inline constexpr float kMaskedScore = -1e30F;

/// [batch, 1, 1, len]: 0 where `is_token` [batch, len] is true, else kMaskedScore.
at::Tensor padding_bias(const at::Tensor& is_token);

/// [1, 1, tgt_len, tgt_len]: 0 where the key is not after the query, else kMaskedScore.
at::Tensor causal_bias(std::int64_t tgt_len, const at::Tensor& like);

}  // namespace heed
