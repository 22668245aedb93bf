#pragma once

#include <span>
#include <vector>

#include "app/align/attention_record.h"
#include "data/text_units.h"

namespace heed {

/// Which units each piece belongs to (as `map_pieces_to_units` tells, with the end of the sentence
/// added by the caller): one for words, several where a piece spans units, none for a piece that is
/// to be left out.
struct UnitMap {
  int unit_count = 0;
  std::vector<std::vector<int>> units_of_piece;
};

/// As `map_pieces_to_units` tells.
UnitMap map_units(std::span<const Piece> pieces, std::span<const TextUnit> units);

/// With one more piece, the end of the sentence, which is a unit of its own.
UnitMap with_end(UnitMap map);

/// For pieces that belong to one unit each; -1 means none.
UnitMap make_unit_map(std::span<const int> unit_of_piece, int unit_count);

/// Weights between pieces as weights between units: sums over the columns (keys) of a unit, means
/// over the rows (queries) of a unit, as Clark et al., "What Does BERT Look At?" (2019), go from
/// word pieces to words; a row that summed to 1 still does. A column that belongs to several units
/// gives each an equal share. Pieces of no unit are left out (their weight is lost); a unit without
/// pieces gets zeros. Throws std::invalid_argument when a map and the matrix disagree in length or
/// a unit index is out of range.
AttentionMatrix merge_to_units(const AttentionMatrix& matrix, const UnitMap& rows,
                               const UnitMap& columns);

}  // namespace heed
