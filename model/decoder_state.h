#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "model/attention.h"

namespace heed {

struct DecoderLayerState {
  KeyValue self;    // of the rows' own tokens so far: [rows, heads, position, head_dim]
  KeyValue memory;  // of the source: [sentences, heads, src_len, head_dim]
};

/// What incremental decoding keeps between steps. Rows are hypotheses, those of one sentence
/// together; every sentence has the same number of rows, so that keys and values of the source are
/// held once a sentence.
struct DecoderState {
  std::vector<DecoderLayerState> layers;
  at::Tensor src_bias;  // [sentences, 1, 1, src_len]
  std::int64_t position = 0;

  std::int64_t num_sentences() const { return src_bias.size(0); }

  /// Row `r` becomes what row `beam_origins[r]` was. `sentence_origins` are the sentences that
  /// stay, by their former places, ascending.
  void reorder(const at::Tensor& beam_origins, const at::Tensor& sentence_origins);
};

}  // namespace heed
