#include "app/align/unit_merge.h"

#include <fmt/format.h>

#include <cstddef>
#include <stdexcept>
#include <string_view>

namespace heed {
namespace {

void check_map(const UnitMap& map, int pieces, std::string_view side) {
  if (pieces < 0 || map.units_of_piece.size() != static_cast<std::size_t>(pieces)) {
    throw std::invalid_argument(fmt::format("{} pieces in the map of {}, {} in the matrix",
                                            map.units_of_piece.size(), side, pieces));
  }
  for (const std::vector<int>& units : map.units_of_piece) {
    for (const int unit : units) {
      if (unit >= 0 && unit < map.unit_count) continue;
      throw std::invalid_argument(
          fmt::format("unit {} in the map of {}; there are {}", unit, side, map.unit_count));
    }
  }
}

// Adds one row of piece weights, times `factor`, to a row of unit weights.
void add_row(std::span<const float> pieces, const UnitMap& columns, float factor,
             std::span<float> units) {
  for (std::size_t piece = 0; piece < pieces.size(); ++piece) {
    const std::vector<int>& targets = columns.units_of_piece[piece];
    const float share = factor * pieces[piece] / static_cast<float>(targets.size());
    for (const int unit : targets) units[static_cast<std::size_t>(unit)] += share;
  }
}

std::vector<int> count_pieces(const UnitMap& map) {
  std::vector<int> counts(static_cast<std::size_t>(map.unit_count), 0);
  for (const std::vector<int>& units : map.units_of_piece) {
    for (const int unit : units) ++counts[static_cast<std::size_t>(unit)];
  }
  return counts;
}

}  // namespace

UnitMap map_units(std::span<const Piece> pieces, std::span<const TextUnit> units) {
  return {static_cast<int>(units.size()), map_pieces_to_units(pieces, units)};
}

UnitMap with_end(UnitMap map) {
  map.units_of_piece.push_back({map.unit_count++});
  return map;
}

UnitMap make_unit_map(std::span<const int> unit_of_piece, int unit_count) {
  UnitMap map{unit_count, {}};
  map.units_of_piece.reserve(unit_of_piece.size());
  for (const int unit : unit_of_piece) {
    map.units_of_piece.push_back(unit == -1 ? std::vector<int>{} : std::vector<int>{unit});
  }
  return map;
}

AttentionMatrix merge_to_units(const AttentionMatrix& matrix, const UnitMap& rows,
                               const UnitMap& columns) {
  check_map(rows, matrix.rows, "rows");
  check_map(columns, matrix.columns, "columns");
  const std::size_t width = static_cast<std::size_t>(columns.unit_count);
  const std::size_t piece_width = static_cast<std::size_t>(matrix.columns);
  const std::vector<int> piece_counts = count_pieces(rows);

  AttentionMatrix merged{matrix.kind,     matrix.layer,       matrix.head,
                         rows.unit_count, columns.unit_count, {}};
  merged.weights.assign(static_cast<std::size_t>(rows.unit_count) * width, 0.0F);
  for (std::size_t piece = 0; piece < rows.units_of_piece.size(); ++piece) {
    const auto weights = std::span(matrix.weights).subspan(piece * piece_width, piece_width);
    for (const int unit : rows.units_of_piece[piece]) {
      const std::size_t row = static_cast<std::size_t>(unit);
      add_row(weights, columns, 1.0F / static_cast<float>(piece_counts[row]),
              std::span(merged.weights).subspan(row * width, width));
    }
  }
  return merged;
}

}  // namespace heed
