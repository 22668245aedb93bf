#include "app/align/aligner.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <numeric>

#include "app/align/decoding_trace.h"
#include "app/align/link_source.h"
#include "app/align/trained_links.h"
#include "app/batch_run.h"
#include "app/errors.h"
#include "app/forced_decoding.h"
#include "data/batcher.h"
#include "model/aten_ops.h"

namespace heed {
namespace {

/// Words are joined for the model; other units are those of the line as it is.
UnitLine make_unit_line(std::string_view line, const std::string& join, UnitKind kind) {
  if (kind == UnitKind::kWord || join != " ") return join_words(line, join);
  return {std::string(line), {}};
}

/// As `with_end`, for the decoder's input: the beginning of the sentence, then the pieces.
UnitMap with_start(UnitMap map) {
  for (std::vector<int>& units : map.units_of_piece)
    for (int& unit : units) ++unit;
  map.units_of_piece.insert(map.units_of_piece.begin(), {0});
  ++map.unit_count;
  return map;
}

std::vector<std::string> piece_texts(const std::vector<Piece>& pieces) {
  std::vector<std::string> texts;
  texts.reserve(pieces.size() + 1);
  for (const Piece& piece : pieces) texts.push_back(piece.text);
  texts.emplace_back(kEndOfSentence);
  return texts;
}

const std::vector<at::Tensor>& layers_of(const AttentionWeights& weights, AttentionKind kind) {
  switch (kind) {
    case AttentionKind::kEncoderSelf:
      return weights.encoder_self;
    case AttentionKind::kDecoderSelf:
      return weights.decoder_self;
    case AttentionKind::kCross:
      return weights.cross;
  }
  return weights.cross;
}

/// Cross-attention without its last column, the end of the source sentence.
AttributionMatrix to_attribution(const AttentionMatrix& cross) {
  AttributionMatrix result{AttributionMethod::kAttention, cross.rows, cross.columns - 1, {}};
  for (int row = 0; row < result.rows; ++row)
    for (int column = 0; column < result.columns; ++column)
      result.scores.push_back(cross.at(row, column));
  return result;
}

}  // namespace

AlignmentInput make_alignment_input(std::size_t line, std::string_view src, std::string_view tgt,
                                    const Tokenizers& tokenizers, const UnitOptions& options) {
  AlignmentInput input;
  input.line = line;
  input.src = make_unit_line(src, options.src_join, options.kind);
  input.tgt = make_unit_line(tgt, options.tgt_join, options.kind);
  input.src_pieces = tokenizers.src.encode_pieces(input.src.text);
  input.tgt_pieces = tokenizers.tgt.encode_pieces(input.tgt.text);
  if (options.kind != UnitKind::kWord) {
    input.src.units = split_units(input.src.text, options.kind, input.src_pieces);
    input.tgt.units = split_units(input.tgt.text, options.kind, input.tgt_pieces);
  }
  return input;
}

std::string length_problem(const AlignmentInput& input) {
  const std::size_t longest = std::max(input.src_pieces.size(), input.tgt_pieces.size());
  if (longest <= kMostAlignedPieces) return "";
  return fmt::format("{} pieces; up to {} are aligned", longest, kMostAlignedPieces);
}

Aligner::Aligner(const ModelBundle& bundle, WorkerPool& pool, AlignerOptions options)
    : bundle_(bundle), pool_(pool), options_(std::move(options)) {
  const RunConfig& config = bundle.config;
  const bool has_head = bundle.model->transformer().alignment_head() != nullptr;
  const bool reads_both = config.data.bidirectional && !options_.one_direction;
  readings_.push_back(config.alignment.forward);
  if (reads_both) readings_.push_back(config.alignment.reverse);
  for (AttentionReading& reading : readings_) {
    if (!options_.selection.is_empty()) reading.selection = options_.selection;
    reading.step = options_.step.value_or(reading.step);
    resolve(reading.selection, config.model);
  }
  if (options_.source == LinkSource::kAuto)
    options_.source = has_head ? LinkSource::kHead : LinkSource::kAttention;
  if (options_.source == LinkSource::kHead && !has_head)
    throw UsageError(fmt::format(
        "{} has no alignment head; train with alignment.guide=hmm, or use --method attention",
        bundle.folder.string()));
  if (options_.source == LinkSource::kAttention) {
    if (options_.symmetrization && !reads_both)
      throw UsageError(
          "--symmetrize needs two directions: those of an alignment head, of --method hmm, or the "
          "attention of a model trained with --bidirectional");
    if (reads_both && !options_.symmetrization) options_.symmetrization = Symmetrization::kGrowDiag;
  }
  link_source_ = describe_link_source(options_, readings_, config.model);
  if (!options_.on_undone)
    options_.on_undone = [](const AlignmentInput& input, std::string_view why) {
      spdlog::warn("line {}: {}; it has no links", input.line, why);
    };
}

bool Aligner::needs_attention() const {
  return options_.source == LinkSource::kAttention || options_.attributes_attention ||
         !options_.kinds.empty();
}

std::vector<AttentionRecord> Aligner::align(
    std::span<const AlignmentInput> inputs,
    const std::function<void(std::size_t)>& on_progress) const {
  std::vector<AttentionRecord> records(inputs.size());
  std::vector<PairLength> lengths;
  Batch alignable;
  const auto leave = [&](std::size_t index, std::string_view why) {
    records[index] = make_empty_record(inputs[index]);
    options_.on_undone(inputs[index], why);
  };
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    lengths.push_back({static_cast<std::uint32_t>(inputs[i].src_pieces.size()),
                       static_cast<std::uint32_t>(inputs[i].tgt_pieces.size())});
    const std::string problem = length_problem(inputs[i]);
    if (problem.empty())
      alignable.push_back(static_cast<std::uint32_t>(i));
    else
      leave(i, problem);
  }
  for_each_batch(
      sorted_batches(std::move(alignable), lengths, options_.max_tokens, 0), pool_,
      [&](const Batch& batch, std::size_t) { align_batch(inputs, batch, records); }, on_progress,
      [&](std::uint32_t index) { leave(index, "there is not enough memory to align it"); });
  return records;
}

void Aligner::align_batch(std::span<const AlignmentInput> inputs,
                          std::span<const std::uint32_t> batch,
                          std::vector<AttentionRecord>& records) const {
  std::vector<std::vector<TokenId>> ids;
  const auto collect = [&](std::vector<Piece> AlignmentInput::*side) {
    std::vector<std::vector<TokenId>> rows;
    for (const std::uint32_t index : batch) {
      rows.emplace_back();
      for (const Piece& piece : inputs[index].*side) rows.back().push_back(piece.id);
    }
    return rows;
  };
  const auto src_ids = collect(&AlignmentInput::src_pieces);
  const auto tgt_ids = collect(&AlignmentInput::tgt_pieces);
  const Decoded decoded =
      decode({src_ids.begin(), src_ids.end()}, {tgt_ids.begin(), tgt_ids.end()});
  for (std::size_t row = 0; row < batch.size(); ++row) {
    AttentionRecord& record = records[batch[row]];
    record = make_record(inputs[batch[row]], row, decoded);
    if (options_.log_probability) record.log_probability = decoded.forward.log_prob(row);
    if (options_.alternatives > 0)
      record.decoding =
          describe_forced(decoded.forward.steps[row], tgt_ids[row], bundle_.tokenizers.tgt);
  }
}

Aligner::Decoded Aligner::decode(const Rows& src, const Rows& tgt) const {
  const Transformer& transformer = bundle_.model->transformer();
  const bool reads_head = options_.source == LinkSource::kHead;
  Decoded decoded{force_decode(transformer, src, tgt,
                               {.log_probs = options_.log_probability,
                                .weights = needs_attention(),
                                .alignment = reads_head,
                                .alternatives = options_.alternatives,
                                .direction = bundle_.direction},
                               bundle_.model->device()),
                  {}};
  if (readings_.size() > 1)
    decoded.reverse = force_decode(transformer, tgt, src,
                                   {.log_probs = false,
                                    .weights = !reads_head,
                                    .alignment = reads_head,
                                    .direction = opposite(bundle_.direction)},
                                   bundle_.model->device());
  return decoded;
}

AttentionRecord Aligner::make_empty_record(const AlignmentInput& input) const {
  AttentionRecord record;
  record.line = input.line;
  record.src_text = input.src.text;
  record.tgt_text = input.tgt.text;
  record.unit_kind = options_.unit_kind;
  record.link_source = link_source_;
  record.src_units = unit_texts(input.src.units);
  record.tgt_units = unit_texts(input.tgt.units);
  return record;
}

AttentionRecord Aligner::make_record(const AlignmentInput& input, std::size_t row,
                                     const Decoded& decoded) const {
  AttentionRecord record = make_empty_record(input);
  const auto side = [](const std::vector<Piece>& pieces, const std::vector<TextUnit>& units) {
    return Side{map_units(pieces, units), !units.empty() && is_punctuation(units.back())};
  };
  const PairSides sides{side(input.src_pieces, input.src.units),
                        side(input.tgt_pieces, input.tgt.units)};
  const auto sentence = static_cast<std::int64_t>(row);
  record.links = find_links(sides, sentence, decoded);
  if (options_.attributes_attention)
    record.attributions.push_back(
        to_attribution(read_attention(decoded.forward.weights.cross, sentence, readings_.front(),
                                      with_end(sides.tgt.units), with_end(sides.src.units))));
  if (!options_.kinds.empty())
    add_matrices(input, sides, decoded.forward.weights, sentence, record);
  return record;
}

std::vector<Link> Aligner::find_links(const PairSides& sides, std::int64_t sentence,
                                      const Decoded& decoded) const {
  const auto& [src, tgt] = sides;
  if (options_.source == LinkSource::kHead) {
    LinkPosteriors posteriors =
        unit_posteriors(decoded.forward.alignment, sentence, src.units, tgt.units);
    if (decoded.reverse)
      posteriors = mean_of_directions(
          posteriors, unit_posteriors(decoded.reverse->alignment, sentence, tgt.units, src.units));
    return choose_links(
        posteriors,
        {options_.symmetrization, options_.threshold.value_or(bundle_.config.alignment.threshold)});
  }
  const UnitMap src_units = with_end(src.units);
  const UnitMap tgt_units = with_end(tgt.units);
  std::vector<Link> forward =
      links_of_attention(read_attention(decoded.forward.weights.cross, sentence, readings_.front(),
                                        tgt_units, src_units),
                         src, tgt);
  if (!decoded.reverse) return forward;
  std::vector<Link> reverse =
      links_of_attention(read_attention(decoded.reverse->weights.cross, sentence, readings_.back(),
                                        src_units, tgt_units),
                         tgt, src);
  for (Link& link : reverse) std::swap(link.src, link.tgt);
  return symmetrize(forward, reverse, *options_.symmetrization);
}

std::vector<Link> Aligner::links_of_attention(const AttentionMatrix& attention, const Side& src,
                                              const Side& tgt) const {
  return extract_links(attention, {src.units.unit_count, tgt.units.unit_count}, options_.links,
                       {src.ends_in_punctuation, tgt.ends_in_punctuation});
}

void Aligner::add_matrices(const AlignmentInput& input, const PairSides& sides,
                           const AttentionWeights& weights, std::int64_t sentence,
                           AttentionRecord& record) const {
  const UnitMap src = with_end(sides.src.units);
  const UnitMap tgt = with_end(sides.tgt.units);
  const UnitMap tgt_in = with_start(sides.tgt.units);
  if (options_.keep_pieces && options_.unit_kind != UnitKind::kPiece)
    record.pieces = {piece_texts(input.src_pieces),
                     piece_texts(input.tgt_pieces),
                     src.units_of_piece,
                     tgt.units_of_piece,
                     {}};
  for (const AttentionKind kind : options_.kinds) {
    const UnitMap& rows = kind == AttentionKind::kEncoderSelf ? src : tgt;
    const UnitMap& columns = kind == AttentionKind::kDecoderSelf ? tgt_in : src;
    const auto& layers = layers_of(weights, kind);
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      for (std::int64_t head = 0; head < layers[layer].size(1); ++head) {
        AttentionMatrix matrix = to_matrix(layers[layer][sentence][head], rows, columns);
        matrix.kind = kind;
        matrix.layer = static_cast<int>(layer);
        matrix.head = static_cast<int>(head);
        record.matrices.push_back(merge_to_units(matrix, rows, columns));
        if (record.pieces) record.pieces->matrices.push_back(std::move(matrix));
      }
    }
  }
}

}  // namespace heed
