#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/align/link.h"
#include "data/markup.h"
#include "data/text_units.h"

namespace heed {

/// A unit of the output line.
struct OutputUnit {
  std::string text;
  bool is_placeholder = false;  // `text` is written as it is
};

/// A translation whose placeholders are back in.
struct FilledText {
  std::vector<OutputUnit> units;
  std::vector<std::string> gaps;     // one more than units: what is written ahead of each, and last
  std::vector<Link> links;           // source units to `units`
  std::vector<std::size_t> missing;  // placeholders that no unit of the translation stands for
};

/// The units of a plain text that holds words for placeholders: word parts (`split_word_parts`),
/// except that each placeholder's word is one unit.
std::vector<TextUnit> source_units(const MarkupLine& line);

/// The same of a translation; every occurrence of such a word is one unit.
std::vector<TextUnit> target_units(std::string_view text, const MarkupLine& source);

/// Puts the placeholders of `source` (whose text holds words in their place) into its translation.
/// Each replaces, in this order of preference: a unit that is its word or what its word is known to
/// become (of several the one linked to it most strongly), the heaviest span of units linked to it
/// (`heaviest_span`), nothing. A unit is taken once. What is left of the placeholders' words, and
/// repetitions of what was replaced that are linked to the same placeholder, are left out.
FilledText fill_placeholders(const MarkupLine& source, std::span<const TextUnit> src_units,
                             std::string_view tgt_text, std::span<const TextUnit> tgt_units,
                             std::span<const Link> links);

}  // namespace heed
