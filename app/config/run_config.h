#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/align/attention_reading.h"
#include "data/subword_sampler.h"
#include "data/tokenizer_training.h"
#include "model/beam_search.h"
#include "model/optimizer_options.h"
#include "model/schedule.h"
#include "model/transformer_config.h"

namespace heed {

enum class Device { kAuto, kCpu, kCuda };
/// In what activations, products and the replicas' copies of the matrices are held in training.
/// Parameters, their gradients and the optimizer are float either way.
enum class Precision { kAuto, kFp32, kBf16 };
enum class ValidationMetric { kBleu, kChrf, kPerplexity };

/// Where the text is. Paths are relative to the folder that heed is started in.
struct DataConfig {
  std::vector<std::string> train_src, train_tgt, train_tsv;
  std::vector<std::string> dev_src, dev_tgt, dev_tsv;
  std::int64_t hold_out = 0;       // pairs of the training text that take the place of dev text
  std::string src_lang, tgt_lang;  // names for reports and pages
  bool bidirectional = false;      // each pair is read the other way round, too
  bool check = true;               // `heed check` looks at it ahead of training
  std::int64_t max_length = 256;   // longer training pairs are left out, in pieces a side
};

struct TokenizerConfig {
  std::string src_model, tgt_model;  // given SentencePiece models; empty: trained
  bool joint = true;                 // one model for both sides
  SubwordModel type = SubwordModel::kUnigram;
  std::int64_t vocab_size = 8000;
  std::int64_t tgt_vocab_size = 0;  // with separate models; 0: as vocab_size
  double character_coverage = 0.9999;
  bool byte_fallback = true;
  std::string normalization = "nmt_nfkc";
  std::int64_t max_sentences = 1'000'000;
};

/// The trained output of word links, see AlignmentHead.
struct AlignmentConfig {
  std::string guide;  // "hmm", or a file of links for the training text; empty: no such output
  double weight = 1.0;
  double threshold = 0.3;
  // How attention is read, each way, and how well the links of the two (of a model of one
  // direction: of its attention and its alignment head) agreed on the dev text, as F1.
  AttentionReading forward, reverse;
  double agreement = 0.0;
};

struct OptimizerConfig {
  OptimizerOptions update;
  ScheduleOptions schedule;
  double clip_norm = 1.0;  // 0: gradients are not clipped
  double label_smoothing = 0.1;
  double ema_decay = 0.0;  // of the moving average of the weights; 0: none
};

/// What keeps a model from learning its training text by heart, beside dropout and label smoothing.
struct RegularizationConfig {
  SubwordSampling subwords;
  double src_word_dropout = 0.0;
  double tgt_word_dropout = 0.0;
  double consistency = 0.0;    // of R-Drop; 0: one pass
  double reverse_share = 0.0;  // of the updates, from the first, that learn both directions
};

struct TrainingConfig {
  std::int64_t max_tokens = 4096;  // budget of a batch: sentences times the longest side
  std::int64_t accumulation = 1;   // batches an update
  std::int64_t max_updates = 20000;
  std::int64_t max_epochs = 0;  // 0: no limit
  double max_minutes = 0.0;     // 0: no limit; time of earlier parts of a resumed run counts
  std::int64_t seed = 1;
  std::int64_t threads = 0;  // replicas in this process; 0: one a core
  Device device = Device::kAuto;
  Precision precision = Precision::kAuto;
  double process_timeout = 600;  // seconds to wait for other processes
  std::int64_t log_every = 50;   // updates
  double save_minutes = 10;  // between checkpoints, where validations are further apart; 0: none
  std::int64_t keep_recent = 2;   // checkpoints kept beside `last` and the best, the newest
  std::int64_t keep_best = 1;     // checkpoints of the best scores that are kept
  std::int64_t max_skipped = 10;  // updates in a row whose loss or gradient is not finite
};

struct ValidationConfig {
  std::int64_t every = 500;  // updates
  ValidationMetric metric = ValidationMetric::kBleu;
  std::int64_t patience = 0;          // validations without a gain before training stops; 0: never
  std::int64_t beam_size = 1;         // of the decoded dev set
  bool choose_length_penalty = true;  // when training ends, into SearchOptions
  std::int64_t samples = 3;           // translated dev sentences shown
  std::int64_t max_tokens = 4096;
};

/// Everything a run is made of: what config.toml holds.
struct RunConfig {
  DataConfig data;
  TokenizerConfig tokenizer;
  TransformerConfig model;
  AlignmentConfig alignment;
  OptimizerConfig optimizer;
  RegularizationConfig regularization;
  TrainingConfig training;
  ValidationConfig validation;
  SearchOptions search;  // what `heed translate` takes by default
};

}  // namespace heed
