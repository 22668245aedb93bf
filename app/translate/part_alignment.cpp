#include "app/translate/part_alignment.h"

#include <algorithm>
#include <iterator>

namespace heed {
namespace {

/// What `range` has of `line`, and in `first` the index of the first unit.
UnitLine take_part(const UnitLine& line, const TextRange& range, int& first) {
  UnitLine part{std::string(range.of(line.text)), {}};
  auto unit = std::partition_point(line.units.begin(), line.units.end(),
                                   [&](const TextUnit& u) { return u.end <= range.begin; });
  first = static_cast<int>(unit - line.units.begin());
  for (; unit != line.units.end() && unit->begin < range.end; ++unit) {
    const std::size_t begin = std::max(unit->begin, range.begin) - range.begin;
    const std::size_t end = std::min(unit->end, range.end) - range.begin;
    part.units.push_back({part.text.substr(begin, end - begin), begin, end});
  }
  return part;
}

}  // namespace

std::vector<Link> PartInput::of_line(std::vector<Link> links) const {
  for (Link& link : links) {
    link.src += first_src_unit;
    link.tgt += first_tgt_unit;
  }
  return links;
}

// Not make_alignment_input: the pieces that were searched for may differ from those into which
// their text would be split again.
PartInput make_part_input(const LineUnits& units, const Translation& translation,
                          const TranslatedPart& part, const Tokenizer& src_tokenizer) {
  PartInput result;
  AlignmentInput& input = result.input;
  input.line = units.line;
  input.src = take_part(units.src, part.src, result.first_src_unit);
  input.tgt = take_part(units.tgt, part.tgt, result.first_tgt_unit);
  input.src_pieces = src_tokenizer.encode_pieces(input.src.text);
  for (std::size_t i = part.first_piece; i < part.last_piece; ++i) {
    Piece piece = translation.pieces[i];
    piece.begin -= part.tgt.begin;
    piece.end -= part.tgt.begin;
    input.tgt_pieces.push_back(std::move(piece));
  }
  return result;
}

std::vector<std::vector<Link>> align_parts(const Aligner& aligner, std::span<const LineUnits> lines,
                                           std::span<const Translation* const> translations,
                                           const Tokenizer& src_tokenizer) {
  std::vector<PartInput> parts;
  std::vector<AlignmentInput> inputs;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (const TranslatedPart& part : translations[i]->parts) {
      parts.push_back(make_part_input(lines[i], *translations[i], part, src_tokenizer));
      inputs.push_back(std::move(parts.back().input));
    }
  }
  auto records = aligner.align(inputs);
  std::vector<std::vector<Link>> links(lines.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (std::size_t part = 0; part < translations[i]->parts.size(); ++part, ++next) {
      auto of_line = parts[next].of_line(std::move(records[next].links));
      std::move(of_line.begin(), of_line.end(), std::back_inserter(links[i]));
    }
    // A word that was cut may be linked by several parts; others stay in the aligner's order.
    if (translations[i]->parts.size() > 1) links[i] = to_link_set(std::move(links[i]));
  }
  return links;
}

}  // namespace heed
