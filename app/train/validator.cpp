#include "app/train/validator.h"

#include <ATen/core/grad_mode.h>

#include <cmath>

#include "app/align/trained_links.h"
#include "app/evaluate/bleu.h"
#include "app/evaluate/chrf.h"
#include "app/packed_pairs.h"
#include "app/progress.h"
#include "app/translate/batch_translator.h"
#include "model/alignment_head.h"
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

std::vector<UnitMap> map_side(const std::vector<SentencePair>& pairs,
                              std::string SentencePair::*side, const Tokenizer& tokenizer) {
  std::vector<UnitMap> maps;
  for (const SentencePair& pair : pairs)
    maps.push_back(map_units(tokenizer.encode_pieces(pair.*side), split_words(pair.*side)));
  return maps;
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
                                       encode_side(dev_, &SentencePair::tgt, tokenizers.tgt))) {
  if (model.transformer().alignment_head() == nullptr) return;
  src_words_ = map_side(dev_, &SentencePair::src, tokenizers.src);
  tgt_words_ = map_side(dev_, &SentencePair::tgt, tokenizers.tgt);
}

Validator::Judgement Validator::judge(const Batch& batch) const {
  const at::NoGradGuard no_grad;
  const at::Device device = model_.device();
  const Transformer& transformer = model_.transformer();
  const PackedPairs pairs = pack_pairs(encoded_, batch);
  const Memory memory = transformer.encode(pairs.src.to(device), {});
  const PackedIds tgt_in = pairs.tgt_in.to(device);
  const at::Tensor hidden = transformer.decode(tgt_in, memory, {});
  Judgement judgement;
  judgement.loss = projected_loss(hidden, transformer.output_weight(), pairs.tgt_out.ids.to(device),
                                  /*smoothing=*/0.0)
                       .total.item<double>();
  if (src_words_.empty()) return judgement;
  const AlignmentScores links =
      to_probabilities(transformer.alignment_head()->forward(hidden, tgt_in.packing, memory, {}));
  for (std::size_t row = 0; row < batch.size(); ++row)
    judgement.links.add(unit_posteriors(links, static_cast<std::int64_t>(row),
                                        src_words_[batch[row]], tgt_words_[batch[row]]));
  return judgement;
}

Validator::Judgement Validator::judge() const {
  const auto max_tokens = static_cast<std::size_t>(config_.validation.max_tokens);
  const std::vector<Batch> batches = sorted_batches(encoded_.lengths(), max_tokens, 0);
  std::vector<Judgement> of_batches(batches.size());
  pool_.run(batches.size(),
            [&](std::size_t task, std::size_t) { of_batches[task] = judge(batches[task]); });
  Judgement sum;  // in order, so that a run rounds as the one before it did
  for (const Judgement& judgement : of_batches) {
    sum.loss += judgement.loss;
    sum.links.add(judgement.links);
  }
  return sum;
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
  const Judgement judgement = judge();
  const std::size_t tokens = encoded_.report().tgt_tokens + encoded_.size();
  result.cross_entropy = judgement.loss / static_cast<double>(tokens);
  result.perplexity = std::exp(result.cross_entropy);
  result.alignment = judgement.links.best();
  result.outputs = translate();
  std::vector<std::string> references;
  for (const SentencePair& pair : dev_) references.push_back(pair.tgt);
  result.bleu = corpus_bleu(result.outputs, references).score;
  result.chrf = corpus_chrf(result.outputs, references);
  result.seconds = watch.seconds();
  return result;
}

}  // namespace heed
