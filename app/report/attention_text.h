#pragma once

#include <cstddef>
#include <iosfwd>

#include "app/align/attention_record.h"
#include "app/report/head_mean.h"

namespace heed {

/// How a terminal shows weights.
enum class TextShading {
  kBlocks,     // as block characters, for pipes and files
  k256,        // as background colours of the 256-colour palette
  kTrueColour  // as 24-bit background colours
};

struct TextOptions {
  TextShading shading = TextShading::kBlocks;
  std::size_t columns = 100;  // of the terminal; a wider map is cut into parts
};

/// What suits standard output: colours on a terminal that has them, unless NO_COLOR is set
/// (https://no-color.org); its width, or COLUMNS.
TextOptions terminal_text_options();

/// A heat map of one pair for the terminal, with the strongest weight of each row in figures. In
/// cross-attention `*` is a chosen link; with gold `*` is a hit, `o` a missed sure link, `x` a
/// false one, and the pair's error rate is told. Throws UsageError as `mean_of_heads` does.
void write_attention_text(std::ostream& out, const AttentionRecord& record,
                          const PictureSelection& selection, const TextOptions& options);

}  // namespace heed
