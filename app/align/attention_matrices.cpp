#include "app/align/attention_matrices.h"

#include <algorithm>

#include "model/aten_ops.h"

namespace heed {
namespace {

/// Mean over the selected layers and heads of sentence `row`: [tgt_len, src_len].
at::Tensor mean_of_selected(const std::vector<at::Tensor>& cross, std::int64_t row,
                            const HeadSelection& selection) {
  at::Tensor sum;
  for (const int layer : selection.layers) {
    const at::Tensor weights = cross[static_cast<std::size_t>(layer)][row];  // [heads, tgt, src]
    for (const int head : selection.heads)
      sum = sum.defined() ? sum + weights[head] : weights[head];
  }
  return sum / static_cast<double>(selection.layers.size() * selection.heads.size());
}

/// Rows moved up by one: that of piece i becomes the one that has read it. The last, of eos, stays.
AttentionMatrix at_consuming_step(AttentionMatrix matrix) {
  std::copy(matrix.weights.begin() + matrix.columns, matrix.weights.end(), matrix.weights.begin());
  return matrix;
}

}  // namespace

AttentionMatrix to_matrix(const at::Tensor& weights, const UnitMap& rows, const UnitMap& columns) {
  AttentionMatrix matrix;
  matrix.rows = static_cast<int>(rows.units_of_piece.size());
  matrix.columns = static_cast<int>(columns.units_of_piece.size());
  const at::Tensor block = weights.narrow(0, 0, matrix.rows)
                               .narrow(1, 0, matrix.columns)
                               .to(at::kCPU, at::kFloat)
                               .contiguous();
  const float* values = block.const_data_ptr<float>();
  matrix.weights.assign(values, values + block.numel());
  return matrix;
}

AttentionMatrix read_attention(const std::vector<at::Tensor>& cross, std::int64_t row,
                               const AttentionReading& reading, const UnitMap& tgt,
                               const UnitMap& src) {
  AttentionMatrix pieces = to_matrix(mean_of_selected(cross, row, reading.selection), tgt, src);
  if (reading.step == LinkStep::kConsume) pieces = at_consuming_step(std::move(pieces));
  return merge_to_units(pieces, tgt, src);
}

}  // namespace heed
