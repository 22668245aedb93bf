#include "app/align/attention_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace heed {
namespace {

constexpr std::string_view kStartOfSentence = "<s>";

void check_shape(const AttentionMatrix& matrix, std::size_t rows, std::size_t columns,
                 std::size_t line) {
  const bool fits = matrix.rows >= 0 && matrix.columns >= 0 && matrix.layer >= 0 &&
                    matrix.head >= 0 && static_cast<std::size_t>(matrix.rows) == rows &&
                    static_cast<std::size_t>(matrix.columns) == columns &&
                    matrix.weights.size() == rows * columns;
  if (fits) return;
  throw std::invalid_argument(fmt::format(
      "line {}: {} attention of layer {} head {} is [{}, {}] with {} weights; the units ask for "
      "[{}, {}]",
      line, attention_kind_name(matrix.kind), matrix.layer, matrix.head, matrix.rows,
      matrix.columns, matrix.weights.size(), rows, columns));
}

void check_shapes(const std::vector<AttentionMatrix>& matrices, std::size_t src, std::size_t tgt,
                  std::size_t line) {
  for (const AttentionMatrix& matrix : matrices) {
    const bool of_source = matrix.kind == AttentionKind::kEncoderSelf;
    const bool over_source = matrix.kind != AttentionKind::kDecoderSelf;
    check_shape(matrix, of_source ? src : tgt, over_source ? src : tgt, line);
  }
}

void check_piece_map(const std::vector<std::vector<int>>& units_of_piece, std::size_t pieces,
                     std::size_t units, std::size_t line) {
  bool fits = units_of_piece.size() == pieces && pieces > 0;
  for (const std::vector<int>& list : units_of_piece)
    for (const int unit : list) fits = fits && unit >= 0 && static_cast<std::size_t>(unit) < units;
  if (fits) return;
  throw std::invalid_argument(
      fmt::format("line {}: {} pieces, of which {} are mapped, do not fit the {} units", line,
                  pieces, units_of_piece.size(), units));
}

void check_pieces(const PieceDetail& pieces, const AttentionRecord& record) {
  check_piece_map(pieces.src_units_of_piece, pieces.src_pieces.size(), record.src_units.size(),
                  record.line);
  check_piece_map(pieces.tgt_units_of_piece, pieces.tgt_pieces.size(), record.tgt_units.size(),
                  record.line);
  check_shapes(pieces.matrices, pieces.src_pieces.size(), pieces.tgt_pieces.size(), record.line);
}

void check_decoding(const DecodingTrace& decoding, const AttentionRecord& record) {
  for (const auto& step : decoding.steps) {
    const auto outputs =
        std::count_if(step.begin(), step.end(), [](const StepCandidate& c) { return c.is_output; });
    if (outputs == 1) continue;
    throw std::invalid_argument(fmt::format(
        "line {}: {} candidates of a step led to the output, not one", record.line, outputs));
  }
  if (!record.pieces || decoding.steps.empty() ||
      decoding.steps.size() == record.pieces->tgt_pieces.size())
    return;
  throw std::invalid_argument(fmt::format("line {}: {} decoding steps, {} pieces", record.line,
                                          decoding.steps.size(), record.pieces->tgt_pieces.size()));
}

void check_links(const std::vector<Link>& links, const AttentionRecord& record) {
  const int src = static_cast<int>(record.src_units.size()) - 1;
  const int tgt = static_cast<int>(record.tgt_units.size()) - 1;
  for (const Link& link : links) {
    if (link.src >= 0 && link.src < src && link.tgt >= 0 && link.tgt < tgt) continue;
    throw std::invalid_argument(fmt::format(
        "line {}: link {}-{} lies outside the sentence of {} source and {} target units",
        record.line, link.src, link.tgt, src, tgt));
  }
}

void check_attribution(const AttributionMatrix& matrix, const AttentionRecord& record) {
  const std::size_t rows = record.tgt_units.size();
  const std::size_t columns = record.src_units.size() - 1;
  const bool fits = matrix.rows >= 0 && static_cast<std::size_t>(matrix.rows) == rows &&
                    matrix.columns >= 0 && static_cast<std::size_t>(matrix.columns) == columns &&
                    matrix.scores.size() == rows * columns;
  if (fits) return;
  throw std::invalid_argument(fmt::format(
      "line {}: attribution by {} is [{}, {}] with {} scores; the units ask for [{}, {}]",
      record.line, attribution_method_name(matrix.method), matrix.rows, matrix.columns,
      matrix.scores.size(), rows, columns));
}

}  // namespace

std::string_view attention_kind_name(AttentionKind kind) {
  switch (kind) {
    case AttentionKind::kEncoderSelf:
      return "encoder_self";
    case AttentionKind::kDecoderSelf:
      return "decoder_self";
    case AttentionKind::kCross:
      return "cross";
  }
  throw std::invalid_argument("no such kind of attention");
}

std::string_view unit_kind_name(UnitKind kind) {
  switch (kind) {
    case UnitKind::kWord:
      return "word";
    case UnitKind::kPiece:
      return "piece";
    case UnitKind::kCharacter:
      return "character";
  }
  throw std::invalid_argument("no such kind of unit");
}

std::string_view fate_name(StepCandidate::Fate fate) {
  switch (fate) {
    case StepCandidate::Fate::kDropped:
      return "dropped";
    case StepCandidate::Fate::kKept:
      return "kept";
    case StepCandidate::Fate::kFinished:
      return "finished";
  }
  throw std::invalid_argument("no such fate");
}

std::string_view attribution_method_name(AttributionMethod method) {
  switch (method) {
    case AttributionMethod::kAttention:
      return "attention";
    case AttributionMethod::kOcclusion:
      return "occlusion";
    case AttributionMethod::kGradient:
      return "gradient";
  }
  throw std::invalid_argument("no such method of attribution");
}

std::vector<std::string> unit_texts(std::span<const TextUnit> units) {
  std::vector<std::string> texts;
  texts.reserve(units.size() + 1);
  for (const TextUnit& unit : units) texts.push_back(unit.text);
  texts.emplace_back(kEndOfSentence);
  return texts;
}

std::vector<std::string> row_units(const AttentionRecord& record, AttentionKind kind) {
  return kind == AttentionKind::kEncoderSelf ? record.src_units : record.tgt_units;
}

std::vector<std::string> column_units(const AttentionRecord& record, AttentionKind kind) {
  if (kind != AttentionKind::kDecoderSelf) return record.src_units;
  std::vector<std::string> units{std::string(kStartOfSentence)};
  if (!record.tgt_units.empty()) {
    units.insert(units.end(), record.tgt_units.begin(), record.tgt_units.end() - 1);
  }
  return units;
}

void check_record(const AttentionRecord& record) {
  if (record.src_units.empty() || record.tgt_units.empty()) {
    throw std::invalid_argument(
        fmt::format("line {}: the units must end with the end of the sentence", record.line));
  }
  check_shapes(record.matrices, record.src_units.size(), record.tgt_units.size(), record.line);
  if (record.pieces) check_pieces(*record.pieces, record);
  check_decoding(record.decoding, record);
  for (const AttributionMatrix& matrix : record.attributions) check_attribution(matrix, record);
  check_links(record.links, record);
  check_links(record.gold_sure, record);
  check_links(record.gold_possible, record);
}

}  // namespace heed
