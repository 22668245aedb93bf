#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "app/translate/placeholder_transfer.h"
#include "app/translate/span_choice.h"
#include "data/markup.h"

namespace heed {

/// One tag of the output, or a placeholder that no unit stands for.
struct PlacedTag {
  std::size_t index = 0;  // in MarkupLine::tags, or in placeholders
  bool is_placeholder = false;
  int gap = 0;  // ahead of which unit of the output it is written
};

/// Where each tag of `source` goes in its translation, in the order in which they are written, each
/// exactly once; pairs nest properly.
///
/// - A pair around every word of what it lies in goes around all of that again. Any other pair goes
///   around the heaviest span (`heaviest_span`) of the units linked to the words it touches: links
///   to these words count for a unit, links to others against it. It stays within the pair it lies
///   in and clear of the pairs beside it; the heaviest is placed first.
/// - A pair whose words are linked to nothing goes where the fewest links (by probability) cross it
///   (`crossing_costs`): around a unit there that has no link and is no punctuation, else empty.
/// - All else is a point. At an end of what it lies in it stays there; elsewhere it goes where the
///   fewest links cross it; of such gaps ahead of the unit linked to the word after it, or behind
///   the unit linked to the word before it, or the first. Tags without partners keep their order,
///   as far as nesting lets them.
std::vector<PlacedTag> place_tags(const MarkupLine& source, std::span<const TextUnit> src_units,
                                  const FilledText& target);

}  // namespace heed
