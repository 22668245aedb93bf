#pragma once

#include <string>
#include <vector>

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
  ExpectedF1 alignment;  // of the alignment head's links, see ThresholdSearch
  double seconds = 0.0;
  std::vector<std::string> outputs;  // one a dev pair

  /// The metric by which the best checkpoint is chosen; higher is better.
  double score(ValidationMetric metric) const;
};

/// Measures a model on the dev text: what it thinks of the references and what it says itself.
class Validator {
 public:
  /// All but `dev` must outlive the validator.
  Validator(const RunConfig& config, const Tokenizers& tokenizers, const TransformerModel& model,
            WorkerPool& pool, std::vector<SentencePair> dev);

  bool has_text() const { return !dev_.empty(); }
  const std::vector<SentencePair>& dev() const { return dev_; }
  ValidationResult run() const;

 private:
  /// What the model thinks of the references, and of the links between them and the sources.
  struct Judgement {
    double loss = 0.0;  // in nats, of all target tokens
    ThresholdSearch links;
  };

  Judgement judge() const;
  Judgement judge(const Batch& batch) const;
  std::vector<std::string> translate() const;

  const RunConfig& config_;
  const Tokenizers& tokenizers_;
  const TransformerModel& model_;
  WorkerPool& pool_;
  std::vector<SentencePair> dev_;
  std::vector<std::vector<TokenId>> sources_;
  EncodedCorpus encoded_;
  std::vector<UnitMap> src_words_;  // of the alignment head's links; empty without one
  std::vector<UnitMap> tgt_words_;
};

}  // namespace heed
