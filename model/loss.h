#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace heed {

/// Sum over the tokens with target != `ignored_id` of the label-smoothed cross entropy (Szegedy et
/// al. 2016): -(1 - smoothing) log p(target) - smoothing / vocab_size * sum over v of log p(v).
/// logits [tokens, vocab_size], tgt_out [tokens] int64. In nats; divide by the number of tokens.
/// `logits` is used up: where it has no other reader its memory becomes the gradient's.
at::Tensor label_smoothed_cross_entropy(const at::Tensor& logits, const at::Tensor& tgt_out,
                                        std::int64_t ignored_id, double smoothing);

}  // namespace heed
