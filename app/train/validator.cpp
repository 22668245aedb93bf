#include "app/train/validator.h"

#include <ATen/core/grad_mode.h>

#include <cmath>
#include <numeric>

#include "app/align/trained_links.h"
#include "app/evaluate/bleu.h"
#include "app/evaluate/chrf.h"
#include "app/forced_decoding.h"
#include "app/packed_pairs.h"
#include "app/progress.h"
#include "app/translate/batch_translator.h"
#include "data/batcher.h"
#include "model/aten_ops.h"
#include "model/loss.h"

namespace heed {
namespace {

std::vector<std::vector<TokenId>> encode_side(const std::vector<SentencePair>& pairs,
                                              std::string SentencePair::*side,
                                              const Tokenizer& tokenizer) {
  std::vector<std::vector<TokenId>> ids;
  ids.reserve(pairs.size());
  for (const SentencePair& pair : pairs) ids.push_back(tokenizer.encode(pair.*side));
  return ids;
}

UnitMap map_words(const Tokenizer& tokenizer, const std::string& line) {
  const std::vector<TextUnit> words = split_words(line);
  return {static_cast<int>(words.size()),
          map_pieces_to_units(tokenizer.encode_pieces(line), words)};
}

}  // namespace

double ValidationResult::score(ValidationMetric metric) const {
  switch (metric) {
    case ValidationMetric::kBleu:
      return bleu;
    case ValidationMetric::kChrf:
      return chrf;
    case ValidationMetric::kPerplexity:
      return -perplexity;
  }
  return bleu;
}

Validator::Validator(const RunConfig& config, const Tokenizers& tokenizers,
                     const TransformerModel& model, WorkerPool& pool, std::vector<SentencePair> dev)
    : config_(config),
      tokenizers_(tokenizers),
      model_(model),
      pool_(pool),
      dev_(std::move(dev)),
      sources_(encode_side(dev_, &SentencePair::src, tokenizers.src)),
      encoded_(EncodedCorpus::from_ids(sources_,
                                       encode_side(dev_, &SentencePair::tgt, tokenizers.tgt))) {}

double Validator::cross_entropy() const {
  const auto max_tokens = static_cast<std::size_t>(config_.validation.max_tokens);
  const std::vector<Batch> batches = sorted_batches(encoded_.lengths(), max_tokens, 0);
  std::vector<double> losses(batches.size());
  pool_.run(batches.size(), [&](std::size_t task, std::size_t) {
    const at::NoGradGuard no_grad;
    const at::Device device = model_.device();
    const PackedPairs pairs = pack_pairs(encoded_, batches[task]);
    const Memory memory = model_.transformer().encode(pairs.src.to(device), {});
    const at::Tensor hidden = model_.transformer().decode(pairs.tgt_in.to(device), memory, {});
    losses[task] = projected_loss(hidden, model_.transformer().output_weight(),
                                  pairs.tgt_out.ids.to(device), /*smoothing=*/0.0)
                       .total.item<double>();
  });
  const double total = std::accumulate(losses.begin(), losses.end(), 0.0);
  const std::size_t tokens = encoded_.report().tgt_tokens + encoded_.size();
  return total / static_cast<double>(tokens);
}

ExpectedF1 Validator::judge_alignment() const {
  const auto max_tokens = static_cast<std::size_t>(config_.validation.max_tokens);
  const std::vector<Batch> batches = sorted_batches(encoded_.lengths(), max_tokens, 0);
  std::vector<ThresholdSearch> searches(batches.size());
  pool_.run(batches.size(), [&](std::size_t task, std::size_t) {
    std::vector<std::span<const TokenId>> src;
    std::vector<std::span<const TokenId>> tgt;
    for (const std::uint32_t index : batches[task]) {
      src.push_back(encoded_.src(index));
      tgt.push_back(encoded_.tgt(index));
    }
    const ForcedDecoding forced = force_decode(
        model_.transformer(), src, tgt, {.log_probs = false, .alignment = true}, model_.device());
    for (std::size_t row = 0; row < batches[task].size(); ++row) {
      const SentencePair& pair = dev_[batches[task][row]];
      searches[task].add(unit_posteriors(forced.alignment, static_cast<std::int64_t>(row),
                                         map_words(tokenizers_.src, pair.src),
                                         map_words(tokenizers_.tgt, pair.tgt)));
    }
  });
  ThresholdSearch all;
  for (const ThresholdSearch& search : searches) all.add(search);
  return all.best();
}

std::vector<std::string> Validator::translate() const {
  const auto max_tokens = static_cast<std::size_t>(config_.validation.max_tokens);
  SearchOptions options = config_.search;
  options.beam_size = config_.validation.beam_size;
  const BatchTranslator translator(model_, pool_, max_tokens);
  std::vector<std::string> outputs;
  for (const auto& hypotheses : translator.translate(sources_, options))
    outputs.push_back(tokenizers_.tgt.decode(hypotheses.front().tokens));
  return outputs;
}

ValidationResult Validator::run() const {
  const Stopwatch watch;
  ValidationResult result;
  result.cross_entropy = cross_entropy();
  result.perplexity = std::exp(result.cross_entropy);
  if (model_.transformer().alignment_head() != nullptr) result.alignment = judge_alignment();
  result.outputs = translate();
  std::vector<std::string> references;
  for (const SentencePair& pair : dev_) references.push_back(pair.tgt);
  result.bleu = corpus_bleu(result.outputs, references).score;
  result.chrf = corpus_chrf(result.outputs, references);
  result.seconds = watch.seconds();
  return result;
}

}  // namespace heed
