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

/// Tags and placeholders of one line that are placed by links; the time that takes grows with the
/// square of their number.
inline constexpr std::size_t kMostPlacedMarkup = 1000;
bool is_placed_by_links(const MarkupLine& source);

/// `tgt_text`, the translation of `source.text`, with the markup of `source`: every tag exactly
/// once, pairs well nested, every placeholder exactly once and no other.
///
/// `source.text` holds words for the placeholders (`with_words_for_placeholders`); `links` are
/// between `src_units` and `tgt_units`, those of `source_units` and `target_units`. Where things go
/// is told by `fill_placeholders` and `place_tags`; links between punctuation and words are left
/// out of account. White space touches a tag where it did in the source; where the translation has
/// a space and the source had none, it stays outside of the pair. Where nothing is left inside of a
/// pair, the white space around it becomes one, at an end of the line none. Text is escaped where
/// `source.is_escaped`, and where it would otherwise read as markup. A line with more markup than
/// is placed by links has it ahead of its translation, in the order of the source.
std::string transfer_markup(const MarkupLine& source, std::span<const TextUnit> src_units,
                            std::string_view tgt_text, std::span<const TextUnit> tgt_units,
                            std::span<const Link> links);

}  // namespace heed
