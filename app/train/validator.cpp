#include "app/train/validator.h"

#include <ATen/core/grad_mode.h>

#include <cmath>
#include <numeric>

#include "app/align/trained_links.h"
#include "app/evaluate/bleu.h"
#include "app/evaluate/chrf.h"
#include "app/packed_pairs.h"
#include "app/progress.h"
#include "app/train/length_choice.h"
#include "app/translate/batch_translator.h"
#include "app/translate/network_scorer_source.h"
#include "model/alignment_head.h"
#include "model/aten_ops.h"
#include "model/loss.h"

namespace heed {
namespace {

// Pairs that tell the best length penalty: more would tell the same, and take their time.
constexpr std::size_t kMostToSearch = 2000;

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
  maps.reserve(pairs.size());
  for (const SentencePair& pair : pairs)
    maps.push_back(map_units(tokenizer.encode_pieces(pair.*side), split_words(pair.*side)));
  return maps;
}

EncodedCorpus encode(const std::vector<std::vector<TokenId>>& src,
                     const std::vector<std::vector<TokenId>>& tgt, Direction direction) {
  if (direction == Direction::kForward) return EncodedCorpus::from_ids(src, tgt);
  return EncodedCorpus::from_ids(tgt, src).reversed();
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
                     const TransformerModel& model, WorkerPool& pool, std::vector<SentencePair> dev,
                     Direction direction)
    : config_(config),
      tokenizers_(tokenizers),
      model_(model),
      pool_(pool),
      dev_(std::move(dev)),
      direction_(direction),
      sources_(encode_side(dev_, &SentencePair::src, tokenizers_.src)),
      encoded_(
          encode(sources_, encode_side(dev_, &SentencePair::tgt, tokenizers_.tgt), direction)) {
  if (model.transformer().alignment_head() == nullptr && !config.data.bidirectional) return;
  src_words_ = map_side(dev_, &SentencePair::src, tokenizers_.src);
  tgt_words_ = map_side(dev_, &SentencePair::tgt, tokenizers_.tgt);
}

double Validator::judge(const Batch& batch, ValidationResult& result) const {
  const at::NoGradGuard no_grad;
  const at::Device device = model_.device();
  const Transformer& transformer = model_.transformer();
  const PackedPairs pairs = pack_pairs(encoded_, batch);
  AttentionWeights weights;
  const ForwardContext context{nullptr, result.attention.empty() ? nullptr : &weights};
  const Memory memory = transformer.encode(pairs.src.to(device), context);
  const PackedIds tgt_in = pairs.tgt_in.to(device);
  const at::Tensor hidden = transformer.decode(tgt_in, memory, context);
  AlignmentScores links;
  if (!result.links.empty())
    links =
        to_probabilities(transformer.alignment_head()->forward(hidden, tgt_in.packing, memory, {}));
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const std::size_t pair = batch[i];
    const auto row = static_cast<std::int64_t>(i);
    if (!result.links.empty())
      result.links[pair] = unit_posteriors(links, row, src_words_[pair], tgt_words_[pair]);
    if (!result.attention.empty())
      result.attention[pair] = strongest_units(weights.cross, row, with_end(tgt_words_[pair]),
                                               with_end(src_words_[pair]));
  }
  return projected_loss(hidden, transformer.output_weight(), pairs.tgt_out.ids.to(device),
                        /*smoothing=*/0.0, transformer.output_bias())
      .total.item<double>();
}

void Validator::judge(ValidationResult& result) const {
  const auto max_tokens = static_cast<std::size_t>(config_.validation.max_tokens);
  const std::vector<Batch> batches = sorted_batches(encoded_.lengths(), max_tokens, 0);
  std::vector<double> losses(batches.size());
  if (model_.transformer().alignment_head() != nullptr) result.links.resize(dev_.size());
  result.attention.resize(src_words_.size());
  pool_.run(batches.size(),
            [&](std::size_t task, std::size_t) { losses[task] = judge(batches[task], result); });
  const double total = std::accumulate(losses.begin(), losses.end(), 0.0);
  const std::size_t tokens = encoded_.report().tgt_tokens + encoded_.size();
  result.cross_entropy = total / static_cast<double>(tokens);
  result.perplexity = std::exp(result.cross_entropy);
}

std::vector<std::vector<Hypothesis>> Validator::search(std::vector<std::vector<TokenId>> sources,
                                                       const SearchOptions& options) const {
  const auto max_tokens = static_cast<std::size_t>(config_.validation.max_tokens);
  const BatchTranslator translator(make_scorer_source(model_, direction_, WeightPrecision::kFp32),
                                   pool_, max_tokens);
  return translator.translate({std::move(sources)}, options);
}

std::vector<std::string> Validator::translate() const {
  SearchOptions options = config_.search;
  options.beam_size = config_.validation.beam_size;
  options.with_scores = options.beam_size > 1;
  std::vector<std::string> outputs;
  for (const auto& hypotheses : search(sources_, options))
    outputs.push_back(tokenizers_.tgt.decode(hypotheses.front().tokens));
  return outputs;
}

std::vector<double> Validator::score_length_penalties() const {
  std::vector<std::vector<TokenId>> sources;
  std::vector<std::string> references;
  const std::size_t stride = 1 + (dev_.size() - 1) / kMostToSearch;
  for (std::size_t i = 0; i < dev_.size(); i += stride) {
    sources.push_back(sources_[i]);
    references.push_back(dev_[i].tgt);
  }
  // A search goes on until it has found beam_size hypotheses or none better can come. Asked for all
  // of them it finds the best by any length penalty at once.
  SearchOptions options = config_.search;
  options.n_best = options.beam_size;
  options.with_surplus = true;
  options.length_penalty = kLengthPenalties.back();
  std::vector<std::vector<LengthCandidate>> found;
  for (const auto& hypotheses : search(std::move(sources), options)) {
    auto& candidates = found.emplace_back();
    for (const Hypothesis& one : hypotheses)
      candidates.push_back(
          {tokenizers_.tgt.decode(one.tokens), one.log_prob, std::ssize(one.tokens) + 1});
  }
  return heed::score_length_penalties(found, references, config_.validation.metric);
}

ValidationResult Validator::run() const {
  const Stopwatch watch;
  ValidationResult result;
  judge(result);
  result.outputs = translate();
  std::vector<std::string> references;
  for (const SentencePair& pair : dev_) references.push_back(pair.tgt);
  result.bleu = corpus_bleu(result.outputs, references).score;
  result.chrf = corpus_chrf(result.outputs, references);
  result.seconds = watch.seconds();
  return result;
}

}  // namespace heed
