#include "app/align/aligner.h"

#include <fmt/format.h>

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

/// With one more unit at the end, which the end of the sentence belongs to.
UnitMap with_end(UnitMap map) {
  map.units_of_piece.push_back({map.unit_count++});
  return map;
}

/// The same for the decoder's input: the beginning of the sentence, then the pieces.
UnitMap with_start(UnitMap map) {
  for (std::vector<int>& units : map.units_of_piece)
    for (int& unit : units) ++unit;
  map.units_of_piece.insert(map.units_of_piece.begin(), {0});
  ++map.unit_count;
  return map;
}

std::vector<std::string> piece_texts(const std::vector<Piece>& pieces) {
  std::vector<std::string> texts;
  for (const Piece& piece : pieces) texts.push_back(piece.text);
  texts.emplace_back(kEndOfSentence);
  return texts;
}

bool ends_in_punctuation(const std::vector<TextUnit>& units) {
  return !units.empty() && is_punctuation(units.back());
}

/// weights [rows >=, columns >=] between the pieces of both maps, without the padding.
AttentionMatrix to_matrix(const at::Tensor& weights, const UnitMap& rows, const UnitMap& columns) {
  AttentionMatrix matrix;
  matrix.rows = static_cast<int>(rows.units_of_piece.size());
  matrix.columns = static_cast<int>(columns.units_of_piece.size());
  const at::Tensor block = weights.narrow(0, 0, matrix.rows)
                               .narrow(1, 0, matrix.columns)
                               .to(at::kCPU, at::kFloat)
                               .contiguous();
  const float* values = block.const_data_ptr<float>();
  matrix.weights.assign(values, values + block.numel());
  return matrix;
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

/// Rows moved up by one: that of piece i becomes the one that has read it. The last, of eos, stays.
AttentionMatrix at_consuming_step(AttentionMatrix matrix) {
  std::copy(matrix.weights.begin() + matrix.columns, matrix.weights.end(), matrix.weights.begin());
  return matrix;
}

/// Makes every index explicit and not negative.
void resolve(HeadSelection& selection, const TransformerConfig& config) {
  const auto layers = static_cast<int>(config.decoder_layers);
  const auto heads = static_cast<int>(config.num_heads);
  const auto fill = [](std::vector<int>& indices, int count) {
    if (!indices.empty()) return;
    indices.resize(static_cast<std::size_t>(count));
    std::iota(indices.begin(), indices.end(), 0);
  };
  fill(selection.layers, layers);
  fill(selection.heads, heads);
  for (int& layer : selection.layers) {
    if (layer < -layers || layer >= layers)
      throw UsageError(
          fmt::format("layer {}: the decoder has {} layers, valid is 0 to {} (or -{} to -1)", layer,
                      layers, layers - 1, layers));
    if (layer < 0) layer += layers;
  }
  for (const int head : selection.heads)
    if (head < 0 || head >= heads)
      throw UsageError(
          fmt::format("head {}: a layer has {} heads, valid is 0 to {}", head, heads, heads - 1));
}

/// Mean over the selected layers and heads of sentence `row`: [tgt_len, src_len].
at::Tensor mean_of_selected(const std::vector<at::Tensor>& cross, std::int64_t row,
                            const HeadSelection& selection) {
  at::Tensor sum;
  for (const int layer : selection.layers) {
    const at::Tensor weights = cross[static_cast<std::size_t>(layer)][row];  // [heads, tgt, src]
    for (const int head : selection.heads)
      sum = sum.defined() ? sum + weights[head] : weights[head];
  }
  return sum / static_cast<double>(selection.layers.size() * selection.heads.size());
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

Aligner::Aligner(const ModelBundle& bundle, WorkerPool& pool, AlignerOptions options)
    : bundle_(bundle), pool_(pool), options_(std::move(options)) {
  resolve(options_.selection, bundle.config.model);
  const bool has_head = bundle.model->transformer().alignment_head() != nullptr;
  if (options_.source == LinkSource::kAuto)
    options_.source = has_head ? LinkSource::kHead : LinkSource::kAttention;
  if (options_.source == LinkSource::kAttention && options_.symmetrization)
    throw UsageError(
        "--symmetrize needs the two directions of an alignment head (or of --method hmm)");
  if (options_.source == LinkSource::kHead && !has_head)
    throw UsageError(fmt::format(
        "{} has no alignment head; train with alignment.guide=hmm, or use --method attention",
        bundle.folder.string()));
  link_source_ = describe_link_source(options_, bundle.config.model);
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
  for (const AlignmentInput& input : inputs)
    lengths.push_back({static_cast<std::uint32_t>(input.src_pieces.size()),
                       static_cast<std::uint32_t>(input.tgt_pieces.size())});
  for_each_batch(
      sorted_batches(lengths, options_.max_tokens, 0), pool_,
      [&](const Batch& batch) { align_batch(inputs, batch, records); }, on_progress);
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
  const std::vector<std::span<const TokenId>> src(src_ids.begin(), src_ids.end());
  const std::vector<std::span<const TokenId>> tgt(tgt_ids.begin(), tgt_ids.end());
  const ForcedDecoding forced = force_decode(bundle_.model->transformer(), src, tgt,
                                             {.log_probs = options_.log_probability,
                                              .weights = needs_attention(),
                                              .alignment = options_.source == LinkSource::kHead,
                                              .alternatives = options_.alternatives},
                                             bundle_.model->device());
  for (std::size_t row = 0; row < batch.size(); ++row) {
    records[batch[row]] = make_record(inputs[batch[row]], row, forced);
    if (options_.log_probability) records[batch[row]].log_probability = forced.log_prob(row);
    if (options_.alternatives > 0)
      records[batch[row]].decoding =
          describe_forced(forced.steps[row], tgt_ids[row], bundle_.tokenizers.tgt);
  }
}

AttentionRecord Aligner::make_record(const AlignmentInput& input, std::size_t row,
                                     const ForcedDecoding& forced) const {
  AttentionRecord record;
  record.line = input.line;
  record.src_text = input.src.text;
  record.tgt_text = input.tgt.text;
  record.unit_kind = options_.unit_kind;
  record.link_source = link_source_;
  record.src_units = unit_texts(input.src.units);
  record.tgt_units = unit_texts(input.tgt.units);
  const PairMaps maps{map_units(input.src_pieces, input.src.units),
                      map_units(input.tgt_pieces, input.tgt.units)};
  const auto sentence = static_cast<std::int64_t>(row);
  if (options_.source == LinkSource::kHead)
    record.links = choose_links(
        unit_posteriors(forced.alignment, sentence, maps.src, maps.tgt),
        {options_.symmetrization, options_.threshold.value_or(bundle_.config.alignment.threshold)});
  if (!options_.kinds.empty()) add_matrices(input, maps, forced.weights, sentence, record);
  if (options_.source == LinkSource::kAttention || options_.attributes_attention)
    read_attention(input, maps, forced.weights, sentence, record);
  return record;
}

void Aligner::add_matrices(const AlignmentInput& input, const PairMaps& maps,
                           const AttentionWeights& weights, std::int64_t sentence,
                           AttentionRecord& record) const {
  const UnitMap src = with_end(maps.src);
  const UnitMap tgt = with_end(maps.tgt);
  const UnitMap tgt_in = with_start(maps.tgt);
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

void Aligner::read_attention(const AlignmentInput& input, const PairMaps& maps,
                             const AttentionWeights& weights, std::int64_t sentence,
                             AttentionRecord& record) const {
  const UnitMap src = with_end(maps.src);
  const UnitMap tgt = with_end(maps.tgt);
  AttentionMatrix pieces =
      to_matrix(mean_of_selected(weights.cross, sentence, options_.selection), tgt, src);
  if (options_.step == LinkStep::kConsume) pieces = at_consuming_step(std::move(pieces));
  const AttentionMatrix mean = merge_to_units(pieces, tgt, src);
  if (options_.attributes_attention) record.attributions.push_back(to_attribution(mean));
  if (options_.source == LinkSource::kHead) return;
  record.links =
      extract_links(mean, {maps.src.unit_count, maps.tgt.unit_count}, options_.links,
                    {ends_in_punctuation(input.src.units), ends_in_punctuation(input.tgt.units)});
}

}  // namespace heed
