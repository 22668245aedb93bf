#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "app/align/attention_reading.h"
#include "app/align/attention_record.h"
#include "app/align/unit_merge.h"

namespace heed {

/// weights [rows >=, columns >=] between the pieces of both maps, without the padding.
AttentionMatrix to_matrix(const at::Tensor& weights, const UnitMap& rows, const UnitMap& columns);

/// Between units: what `cross`, [batch, heads, tgt, src] of each layer, says of sentence `row` by a
/// reading that is resolved. The maps have the end of the sentence as their last piece.
AttentionMatrix read_attention(const std::vector<at::Tensor>& cross, std::int64_t row,
                               const AttentionReading& reading, const UnitMap& tgt,
                               const UnitMap& src);

}  // namespace heed
