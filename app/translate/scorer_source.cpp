#include "app/translate/scorer_source.h"

#include <fmt/format.h>

#include "app/errors.h"
#include "model/ensemble_scorer.h"
#include "model/inference/inference_scorer.h"
#include "model/inference/model_file.h"

namespace heed {

ScorerSource make_scorer_source(const ModelFolder& model, WeightPrecision precision) {
  const auto packed = load_inference_model(model.weights(), model.config.model, precision);
  const TokenId end = source_end(model.direction);
  return [packed, end] { return make_inference_scorer(packed, end); };
}

namespace {

bool have_same_pieces(const Tokenizer& a, const Tokenizer& b) {
  if (a.vocab_size() != b.vocab_size()) return false;
  for (TokenId id = 0; id < a.vocab_size(); ++id)
    if (a.piece_text(id) != b.piece_text(id)) return false;
  return true;
}

}  // namespace

ScorerSource make_ensemble_source(std::vector<ScorerSource> members) {
  if (members.size() == 1) return std::move(members.front());
  return [members = std::move(members)] {
    std::vector<std::unique_ptr<NextTokenScorer>> scorers;
    for (const ScorerSource& member : members) scorers.push_back(member());
    return std::make_unique<EnsembleScorer>(std::move(scorers));
  };
}

void check_same_pieces(const ModelFolder& model, const ModelFolder& first) {
  if (have_same_pieces(model.tokenizers.src, first.tokenizers.src) &&
      have_same_pieces(model.tokenizers.tgt, first.tokenizers.tgt))
    return;
  throw UsageError(fmt::format(
      "{} has other pieces than {}; models that translate together share them (train one with "
      "--set tokenizer.src_model={}, and tokenizer.tgt_model where there are two)",
      model.folder.string(), first.folder.string(),
      (first.folder / (first.tokenizers.joint() ? kJointTokenizerFile : kSrcTokenizerFile))
          .string()));
}

}  // namespace heed
