#include "app/attribution/occlusion.h"

#include <algorithm>

#include "app/forced_decoding.h"

namespace heed {
namespace {

constexpr int kNothing = -1;

/// An input with one source unit, or nothing, left out.
struct Variant {
  std::size_t input = 0;
  int left_out = kNothing;
};

std::vector<TokenId> source_of(const AttributionInput& input, int left_out) {
  std::vector<TokenId> ids;
  for (std::size_t piece = 0; piece < input.src.size(); ++piece) {
    const std::vector<int>& units = input.src_units.units_of_piece[piece];
    if (std::find(units.begin(), units.end(), left_out) == units.end())
      ids.push_back(input.src[piece]);
  }
  return ids;
}

/// Those of which something is to be computed: nothing is left out with a unit without pieces.
std::vector<Variant> variants_of(std::span<const AttributionInput> inputs) {
  std::vector<Variant> variants;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    std::vector<bool> has_pieces(static_cast<std::size_t>(inputs[i].src_units.unit_count));
    for (const std::vector<int>& units : inputs[i].src_units.units_of_piece)
      for (const int unit : units) has_pieces[static_cast<std::size_t>(unit)] = true;
    variants.push_back({i, kNothing});
    for (int unit = 0; unit < inputs[i].src_units.unit_count; ++unit)
      if (has_pieces[static_cast<std::size_t>(unit)]) variants.push_back({i, unit});
  }
  return variants;
}

/// Log-probability of each target unit, then of the end of the sentence, one list a variant.
using UnitLogProbs = std::vector<std::vector<float>>;

void decode_batch(const Transformer& transformer, at::Device device,
                  std::span<const AttributionInput> inputs, std::span<const Variant> variants,
                  const Batch& batch, UnitLogProbs& results) {
  std::vector<std::vector<TokenId>> sources;
  std::vector<std::span<const TokenId>> tgt;
  for (const std::uint32_t index : batch) {
    const AttributionInput& input = inputs[variants[index].input];
    sources.push_back(source_of(input, variants[index].left_out));
    tgt.emplace_back(input.tgt);
  }
  const std::vector<std::span<const TokenId>> src(sources.begin(), sources.end());
  const ForcedDecoding forced =
      force_decode(transformer, src, tgt, {.direction = inputs.front().direction}, device);
  const UnitMap one_column{1, {{0}}};
  for (std::size_t row = 0; row < batch.size(); ++row)
    results[batch[row]] = sum_to_units(forced.token_log_probs[row],
                                       inputs[variants[batch[row]].input].tgt_units, one_column);
}

AttributionMatrix empty_matrix(const AttributionInput& input) {
  AttributionMatrix matrix{
      AttributionMethod::kOcclusion, input.tgt_units.unit_count, input.src_units.unit_count, {}};
  matrix.scores.assign(
      static_cast<std::size_t>(matrix.rows) * static_cast<std::size_t>(matrix.columns), 0.0F);
  return matrix;
}

std::vector<AttributionMatrix> to_falls(std::span<const AttributionInput> inputs,
                                        std::span<const Variant> variants,
                                        const UnitLogProbs& log_probs) {
  std::vector<AttributionMatrix> matrices;
  std::size_t whole = 0;  // the variant with nothing left out comes ahead of the input's others
  for (std::size_t v = 0; v < variants.size(); ++v) {
    if (variants[v].left_out == kNothing) {
      whole = v;
      matrices.push_back(empty_matrix(inputs[variants[v].input]));
      continue;
    }
    AttributionMatrix& matrix = matrices.back();
    const auto width = static_cast<std::size_t>(matrix.columns);
    for (std::size_t row = 0; row < log_probs[v].size(); ++row)
      matrix.scores[row * width + static_cast<std::size_t>(variants[v].left_out)] =
          log_probs[whole][row] - log_probs[v][row];
  }
  return matrices;
}

}  // namespace

std::vector<AttributionMatrix> occlude(const Transformer& transformer, at::Device device,
                                       std::span<const AttributionInput> inputs,
                                       std::size_t max_tokens, WorkerPool& pool,
                                       const StepReport& report) {
  const std::vector<Variant> variants = variants_of(inputs);
  std::vector<PairLength> lengths;
  lengths.reserve(variants.size());
  for (const Variant& variant : variants) lengths.push_back(inputs[variant.input].length());
  UnitLogProbs log_probs(variants.size());
  run_batches(lengths, max_tokens, pool, report, [&](const Batch& batch) {
    decode_batch(transformer, device, inputs, variants, batch, log_probs);
  });
  return to_falls(inputs, variants, log_probs);
}

}  // namespace heed
