#include "app/align/trained_links.h"

#include "model/aten_ops.h"

namespace heed {
namespace {

AttentionMatrix make_matrix(std::size_t rows, std::size_t columns) {
  AttentionMatrix matrix;
  matrix.rows = static_cast<int>(rows);
  matrix.columns = static_cast<int>(columns);
  matrix.weights.resize(rows * columns);
  return matrix;
}

}  // namespace

LinkPosteriors unit_posteriors(const AlignmentScores& probabilities, std::int64_t row,
                               const UnitMap& src, const UnitMap& tgt) {
  const std::size_t src_pieces = src.units_of_piece.size();
  const std::size_t tgt_pieces = tgt.units_of_piece.size();
  AttentionMatrix of_tgt = make_matrix(tgt_pieces, src_pieces);
  AttentionMatrix of_src = make_matrix(src_pieces, tgt_pieces);
  const auto stride = static_cast<std::size_t>(probabilities.src_of_tgt.size(2));
  const auto sentence = static_cast<std::size_t>(probabilities.src_of_tgt.size(1)) * stride;
  const auto begin = static_cast<std::size_t>(row) * sentence;
  const float* forward = probabilities.src_of_tgt.const_data_ptr<float>() + begin;
  const float* back = probabilities.tgt_of_src.const_data_ptr<float>() + begin;
  for (std::size_t t = 0; t < tgt_pieces; ++t) {
    for (std::size_t s = 0; s < src_pieces; ++s) {
      // Row 0 is bos.
      of_tgt.weights[t * src_pieces + s] = forward[(t + 1) * stride + s];
      of_src.weights[s * tgt_pieces + t] = back[(t + 1) * stride + s];
    }
  }
  LinkPosteriors posteriors;
  posteriors.src_len = static_cast<std::size_t>(src.unit_count);
  posteriors.tgt_len = static_cast<std::size_t>(tgt.unit_count);
  posteriors.src_of_tgt = merge_to_units(of_tgt, tgt, src).weights;
  posteriors.tgt_of_src = merge_to_units(of_src, src, tgt).weights;
  return posteriors;
}

}  // namespace heed
