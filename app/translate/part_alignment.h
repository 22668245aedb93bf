#pragma once

#include <span>
#include <vector>

#include "app/align/aligner.h"
#include "app/translate/translation.h"

namespace heed {

/// The units of a line and of its translation, between which links are sought.
struct LineUnits {
  std::size_t line = 0;  // of the input, from 1
  UnitLine src;
  UnitLine tgt;
};

/// A part of a line as a pair of its own.
struct PartInput {
  AlignmentInput input;
  int first_src_unit = 0;  // of the line's, the first that the part has a share of
  int first_tgt_unit = 0;

  /// Links of the part as links of the line.
  std::vector<Link> of_line(std::vector<Link> links) const;
};

/// `part` of `translation`. A unit of the line that reaches into other parts is cut.
PartInput make_part_input(const LineUnits& units, const Translation& translation,
                          const TranslatedPart& part, const Tokenizer& src_tokenizer);

/// The links of lines, part by part: attention never spans more than a part. `translations` are
/// those of `lines`, in their order.
std::vector<std::vector<Link>> align_parts(const Aligner& aligner, std::span<const LineUnits> lines,
                                           std::span<const Translation* const> translations,
                                           const Tokenizer& src_tokenizer);

}  // namespace heed
