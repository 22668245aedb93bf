#include "app/attribution/attribution_input.h"

#include "app/batch_run.h"

namespace heed {
namespace {

std::vector<TokenId> ids_of(const std::vector<Piece>& pieces) {
  std::vector<TokenId> ids;
  for (const Piece& piece : pieces) ids.push_back(piece.id);
  return ids;
}

}  // namespace

AttributionInput make_attribution_input(const AlignmentInput& input, Direction direction) {
  AttributionInput result{ids_of(input.src_pieces), ids_of(input.tgt_pieces),
                          map_units(input.src_pieces, input.src.units),
                          with_end(map_units(input.tgt_pieces, input.tgt.units)), direction};
  result.src_units.units_of_piece.emplace_back();
  return result;
}

std::vector<float> sum_to_units(std::span<const float> piece_scores, const UnitMap& rows,
                                const UnitMap& columns) {
  const auto width = static_cast<std::size_t>(columns.unit_count);
  const std::size_t piece_width = columns.units_of_piece.size();
  std::vector<float> scores(static_cast<std::size_t>(rows.unit_count) * width, 0.0F);
  for (std::size_t row = 0; row < rows.units_of_piece.size(); ++row) {
    const std::vector<int>& row_units = rows.units_of_piece[row];
    for (std::size_t column = 0; column < piece_width; ++column) {
      const std::vector<int>& column_units = columns.units_of_piece[column];
      const float share = piece_scores[row * piece_width + column] /
                          static_cast<float>(row_units.size() * column_units.size());
      for (const int row_unit : row_units)
        for (const int unit : column_units)
          scores[static_cast<std::size_t>(row_unit) * width + static_cast<std::size_t>(unit)] +=
              share;
    }
  }
  return scores;
}

void run_batches(std::span<const PairLength> lengths, std::size_t max_tokens, WorkerPool& pool,
                 const StepReport& report, const std::function<void(const Batch&)>& body) {
  for_each_batch(
      sorted_batches(lengths, max_tokens, 0), pool,
      [&](const Batch& batch, std::size_t) { body(batch); },
      [&](std::size_t done) {
        if (report) report(done, lengths.size());
      });
}

}  // namespace heed
