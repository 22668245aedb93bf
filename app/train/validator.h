#pragma once

#include <string>
#include <vector>

#include "app/align/attention_choice.h"
#include "app/align/posterior_links.h"
#include "app/align/unit_merge.h"
#include "app/model_bundle.h"
#include "app/worker_pool.h"
#include "data/batcher.h"
#include "data/encoded_corpus.h"
#include "data/parallel_corpus.h"

namespace heed {

struct ValidationResult {
  double cross_entropy = 0.0;  // nats a target token, eos counted, without label smoothing
  double perplexity = 0.0;     // exp of it
  double bleu = 0.0;           // of the decoded dev set: 13a, cased
  double chrf = 0.0;
  double seconds = 0.0;
  std::vector<std::string> outputs;  // one a dev pair
  /// What the alignment head says of the words of each dev pair; empty without one.
  std::vector<LinkPosteriors> links;
  /// What its attention links the words of each dev pair with; empty where nothing tells which
  /// attention to trust: without an alignment head, and in one direction.
  std::vector<StrongestUnits> attention;

  /// The metric by which the best checkpoint is chosen; higher is better.
  double score(ValidationMetric metric) const;
};

/// Measures a model on the dev text: what it thinks of the references and what it says itself.
class Validator {
 public:
  /// All but `dev`, whose pairs are in the order of `direction`, must outlive the validator. A
  /// reverse direction takes tokenizers that are joint.
  Validator(const RunConfig& config, const Tokenizers& tokenizers, const TransformerModel& model,
            WorkerPool& pool, std::vector<SentencePair> dev, Direction direction);

  bool has_text() const { return !dev_.empty(); }
  const std::vector<SentencePair>& dev() const { return dev_; }
  ValidationResult run() const;
  /// What each of `kLengthPenalties` makes of search.beam_size, by validation.metric: of the dev
  /// text, or of an even choice of its pairs, where there are more than enough. Takes dev text.
  std::vector<double> score_length_penalties() const;

 private:
  /// Fills in what the model thinks of the references, and of the links between them and the
  /// sources.
  void judge(ValidationResult& result) const;
  /// The same of a batch; returns its loss in nats, of all target tokens.
  double judge(const Batch& batch, ValidationResult& result) const;
  std::vector<std::string> translate() const;
  std::vector<std::vector<Hypothesis>> search(std::vector<std::vector<TokenId>> sources,
                                              const SearchOptions& options) const;

  const RunConfig& config_;
  const Tokenizers& tokenizers_;
  const TransformerModel& model_;
  WorkerPool& pool_;
  std::vector<SentencePair> dev_;
  Direction direction_;
  std::vector<std::vector<TokenId>> sources_;
  EncodedCorpus encoded_;
  std::vector<UnitMap> src_words_;  // of each pair, where links are judged
  std::vector<UnitMap> tgt_words_;
};

}  // namespace heed
