#include "app/config/fields.h"

#include <utility>

namespace heed {
namespace {

constexpr double kLongestTranslation = 1'000'000;  // pieces; else a search might never end

template <typename Enum>
Choice choice(Enum& target, std::vector<std::pair<std::string, Enum>> values) {
  Choice result;
  for (const auto& value : values) result.names.push_back(value.first);
  result.get = [&target, values] {
    std::size_t index = 0;
    while (values[index].second != target) ++index;
    return index;
  };
  result.set = [&target, values](std::size_t index) { target = values[index].second; };
  return result;
}

Field found(Field field) {
  field.is_found = true;
  return field;
}

void add_data(std::vector<Field>& fields, DataConfig& data) {
  const std::string s = "data";
  fields.push_back(
      {s, "train_src", "source side of the training text; plain or gzip", &data.train_src});
  fields.push_back({s, "train_tgt", "target side, line by line its translation", &data.train_tgt});
  fields.push_back({s, "train_tsv", "training text as source TAB target", &data.train_tsv});
  fields.push_back({s, "dev_src", "source side of the text to validate on", &data.dev_src});
  fields.push_back({s, "dev_tgt", "target side of the text to validate on", &data.dev_tgt});
  fields.push_back({s, "dev_tsv", "text to validate on as source TAB target", &data.dev_tsv});
  fields.push_back(
      {s, "hold_out",
       "without text to validate on: keep so many pairs of the training text apart for "
       "it, drawn by training.seed",
       &data.hold_out, 0});
  fields.push_back({s, "src_lang", "name of the source language, for reports", &data.src_lang});
  fields.push_back({s, "tgt_lang", "name of the target language, for reports", &data.tgt_lang});
  fields.push_back({s, "bidirectional",
                    "train both directions in one model: each pair is read both ways",
                    &data.bidirectional});
  fields.push_back({s, "check", "look for faults in the text ahead of training, as heed check does",
                    &data.check});
  fields.push_back({s, "max_length",
                    "leave out training pairs with more pieces on a side; 0: keep all",
                    &data.max_length, 0});
}

void add_tokenizer(std::vector<Field>& fields, TokenizerConfig& tokenizer) {
  const std::string s = "tokenizer";
  fields.push_back(
      {s, "src_model", "SentencePiece model to use; empty: train one", &tokenizer.src_model});
  fields.push_back({s, "tgt_model",
                    "the same for the target side; empty with src_model given: that one",
                    &tokenizer.tgt_model});
  fields.push_back({s, "joint", "train one model for both sides", &tokenizer.joint});
  fields.push_back(
      {s, "type", "kind of subwords",
       choice(tokenizer.type, {{"unigram", SubwordModel::kUnigram}, {"bpe", SubwordModel::kBpe}})});
  fields.push_back({s, "vocab_size", "number of pieces", &tokenizer.vocab_size, 8});
  fields.push_back({s, "tgt_vocab_size", "of the target side's own model; 0: as vocab_size",
                    &tokenizer.tgt_vocab_size, 0});
  fields.push_back({s, "character_coverage", "share of characters with a piece of their own",
                    &tokenizer.character_coverage, 0.98, 1});
  fields.push_back({s, "byte_fallback", "spell other characters in bytes, so that none is lost",
                    &tokenizer.byte_fallback});
  Field normalization{s, "normalization", "nmt_nfkc, nmt_nfkc_cf (lower case), nfkc or identity",
                      &tokenizer.normalization};
  fields.push_back(std::move(normalization));
  fields.push_back({s, "max_sentences",
                    "train it on at most that many lines, drawn at random; 0: all",
                    &tokenizer.max_sentences, 0});
}

void add_model(std::vector<Field>& fields, TransformerConfig& model) {
  const std::string s = "model";
  fields.push_back({s, "encoder_layers", "", &model.encoder_layers, 1});
  fields.push_back({s, "decoder_layers", "", &model.decoder_layers, 1});
  fields.push_back({s, "d_model", "width of embeddings and layers", &model.d_model, 2});
  fields.push_back({s, "num_heads", "attention heads; divides d_model", &model.num_heads, 1});
  fields.push_back({s, "ffn_size", "width inside the feed-forward layers", &model.ffn_size, 1});
  fields.push_back(
      {s, "norm", "layer norm ahead of each sublayer (pre) or after (post)",
       choice(model.norm, {{"pre", NormPosition::kPre}, {"post", NormPosition::kPost}})});
  fields.push_back({s, "activation", "of the feed-forward layers",
                    choice(model.activation, {{"relu", Activation::kRelu},
                                              {"gelu", Activation::kGelu},
                                              {"swish", Activation::kSwish}})});
  fields.push_back({s, "positions",
                    "how places are told: vectors added to the tokens' (sinusoidal, learned), or "
                    "queries and keys of self-attention turned by angles (rotary: RoFormer, Su et "
                    "al. 2021)",
                    choice(model.positions, {{"sinusoidal", PositionEncoding::kSinusoidal},
                                             {"learned", PositionEncoding::kLearned},
                                             {"rotary", PositionEncoding::kRotary}})});
  fields.push_back({s, "max_positions", "number of learned positions", &model.max_positions, 1});
  fields.push_back(
      {s, "tying",
       "one matrix for: none; target embedding and output (decoder); all three (Press & Wolf 2017)",
       choice(model.tying,
              {{"none", Tying::kNone}, {"decoder", Tying::kDecoder}, {"all", Tying::kAll}})});
  fields.push_back({s, "output_bias", "add a trained bias to the logits", &model.output_bias});
  fields.push_back(found({s, "alignment_head", "set from alignment.guide", &model.alignment_head}));
  Field dropout{s, "dropout", "sets the four below", &model.residual_dropout, 0, 0.95};
  dropout.shorthand_for = {&model.embedding_dropout, &model.residual_dropout,
                           &model.attention_dropout, &model.ffn_dropout};
  fields.push_back(std::move(dropout));
  fields.push_back({s, "embedding_dropout", "on embeddings (dropout, Srivastava et al. 2014)",
                    &model.embedding_dropout, 0, 0.95});
  fields.push_back(
      {s, "residual_dropout", "on sublayer outputs", &model.residual_dropout, 0, 0.95});
  fields.push_back(
      {s, "attention_dropout", "on attention weights", &model.attention_dropout, 0, 0.95});
  fields.push_back({s, "ffn_dropout", "inside feed-forward layers", &model.ffn_dropout, 0, 0.95});
  fields.push_back({s, "layer_dropout", "of whole layers (LayerDrop, Fan et al. 2020)",
                    &model.layer_dropout, 0, 0.9});
  fields.push_back(
      found({s, "src_vocab_size", "set from the tokenizer", &model.src_vocab_size, 0}));
  fields.push_back(
      found({s, "tgt_vocab_size", "set from the tokenizer", &model.tgt_vocab_size, 0}));
}

/// `prefix` tells the directions apart.
void add_reading(std::vector<Field>& fields, const std::string& prefix, AttentionReading& reading) {
  const std::string s = "alignment";
  const std::string help = "whose attention gives links; set in training; empty: all";
  fields.push_back(found({s, prefix + "layers", help, &reading.selection.layers, 0, 1000}));
  fields.push_back(found({s, prefix + "heads", help, &reading.selection.heads, 0, 1000}));
  fields.push_back(found(
      {s, prefix + "step", "at which a word's attention is read",
       choice(reading.step, {{"produce", LinkStep::kProduce}, {"consume", LinkStep::kConsume}})}));
}

void add_alignment(std::vector<Field>& fields, AlignmentConfig& alignment) {
  const std::string s = "alignment";
  fields.push_back(
      {s, "guide",
       "train an output of word links: by hmm, heed's own statistics of the training text, or by a "
       "file with a line of links (i-j, or i-j:p) for each line of it; empty: none",
       &alignment.guide});
  fields.push_back(
      {s, "weight", "of the links' loss beside the translation's", &alignment.weight, 0, 1000});
  fields.push_back(found({s, "threshold", "least probability of a link; set in training",
                          &alignment.threshold, 0, 1}));
  add_reading(fields, "", alignment.forward);
  add_reading(fields, "reverse_", alignment.reverse);
  fields.push_back(found(
      {s, "agreement", "of their links on dev text; set in training", &alignment.agreement, 0, 1}));
}

void add_optimizer(std::vector<Field>& fields, OptimizerConfig& optimizer) {
  const std::string s = "optimizer";
  fields.push_back(
      {s, "kind",
       "adam, or muon: the matrices of layers move along their orthogonalized momentum (Jordan et "
       "al. 2024), all else by adam",
       choice(optimizer.update.kind,
              {{"adam", OptimizerKind::kAdam}, {"muon", OptimizerKind::kMuon}})});
  fields.push_back({s, "learning_rate", "peak", &optimizer.schedule.learning_rate, 0, 10});
  fields.push_back(
      {s, "schedule", "after the warm-up",
       choice(optimizer.schedule.schedule,
              {{"inverse_sqrt", Schedule::kInverseSquareRoot}, {"cosine", Schedule::kCosine}})});
  fields.push_back(
      {s, "warmup_updates", "updates of linear rise", &optimizer.schedule.warmup_updates, 0});
  fields.push_back({s, "final_learning_rate", "where the cosine ends, with the run",
                    &optimizer.schedule.final_learning_rate, 0, 10});
  fields.push_back({s, "beta1", "", &optimizer.update.adam.beta1, 0, 0.999999});
  fields.push_back({s, "beta2", "", &optimizer.update.adam.beta2, 0, 0.999999});
  fields.push_back({s, "epsilon", "", &optimizer.update.adam.epsilon, 0, 1});
  fields.push_back({s, "muon_momentum", "share of the running mean of gradients that stays",
                    &optimizer.update.muon_momentum, 0, 0.999999});
  fields.push_back({s, "weight_decay",
                    "what share of a weight an update takes off, times the rate (AdamW, Loshchilov "
                    "& Hutter 2019)",
                    &optimizer.update.adam.weight_decay, 0, 1});
  fields.push_back({s, "clip_norm", "longest gradient; 0: no limit", &optimizer.clip_norm, 0});
  fields.push_back({s, "label_smoothing",
                    "share of probability spread over the vocabulary (Szegedy et al. 2016)",
                    &optimizer.label_smoothing, 0, 0.9});
  fields.push_back({s, "ema_decay",
                    "of the exponential moving average of the weights, which validation and "
                    "checkpoints take (Polyak & Juditsky 1992); 0: the weights themselves",
                    &optimizer.ema_decay, 0, 0.999999});
}

void add_regularization(std::vector<Field>& fields, RegularizationConfig& regularization) {
  const std::string s = "regularization";
  fields.push_back({s, "bpe_dropout",
                    "probability of leaving out a merge of a BPE model, drawn anew every epoch "
                    "(Provilkov et al. 2020)",
                    &regularization.subwords.bpe_dropout, 0, 1});
  fields.push_back({s, "unigram_alpha",
                    "draw the subwords of a unigram model by the alpha-th power of their "
                    "probability (Kudo 2018); 0: take the most probable",
                    &regularization.subwords.unigram_alpha, 0, 100});
  fields.push_back({s, "src_word_dropout",
                    "probability of hiding a source word (Gal & Ghahramani 2016)",
                    &regularization.src_word_dropout, 0, 0.9});
  fields.push_back({s, "tgt_word_dropout", "the same of what the decoder sees of the target",
                    &regularization.tgt_word_dropout, 0, 0.9});
  fields.push_back({s, "consistency",
                    "weight of the divergence of two passes that differ in dropout (R-Drop, Liang "
                    "et al. 2021); 0: one pass, in half the time",
                    &regularization.consistency, 0, 1000});
  fields.push_back({s, "reverse_share",
                    "share of the updates, from the first, that also learn to translate back (BiT, "
                    "Ding et al. 2021); takes a joint vocabulary",
                    &regularization.reverse_share, 0, 1});
}

void add_training(std::vector<Field>& fields, TrainingConfig& training) {
  const std::string s = "training";
  fields.push_back(
      {s, "max_tokens", "of a batch: sentences times the longest side", &training.max_tokens, 1});
  fields.push_back({s, "accumulation", "batches an update", &training.accumulation, 1});
  fields.push_back({s, "max_updates", "", &training.max_updates, 1});
  fields.push_back({s, "max_epochs", "0: no limit", &training.max_epochs, 0});
  fields.push_back({s, "max_minutes", "0: no limit", &training.max_minutes, 0});
  fields.push_back({s, "seed", "of initial weights, order and dropout", &training.seed, 0});
  fields.push_back({s, "threads", "data-parallel replicas a process; 0: one a core",
                    &training.threads, 0, 1024});
  fields.push_back(
      {s, "device", "auto takes a GPU where this build and the machine have one",
       choice(training.device,
              {{"auto", Device::kAuto}, {"cpu", Device::kCpu}, {"cuda", Device::kCuda}})});
  fields.push_back({s, "precision", "of activations; auto: bf16 where the processor multiplies it",
                    choice(training.precision, {{"auto", Precision::kAuto},
                                                {"fp32", Precision::kFp32},
                                                {"bf16", Precision::kBf16}})});
  fields.push_back(
      {s, "process_timeout",
       "seconds that a process of several waits for the others, as while one validates",
       &training.process_timeout, 1});
  fields.push_back({s, "log_every", "updates between log lines", &training.log_every, 1});
  fields.push_back({s, "save_minutes",
                    "between checkpoints, where validations are further apart; 0: only those",
                    &training.save_minutes, 0});
  fields.push_back(
      {s, "keep_recent", "newest checkpoints kept, for heed average", &training.keep_recent, 0});
  fields.push_back({s, "keep_best", "checkpoints of the best scores kept, for heed average",
                    &training.keep_best, 1});
  fields.push_back({s, "max_skipped",
                    "updates in a row of no finite loss or gradient, before the run goes back to "
                    "its last good checkpoint and halves the learning rate",
                    &training.max_skipped, 1});
}

void add_validation(std::vector<Field>& fields, ValidationConfig& validation) {
  const std::string s = "validation";
  fields.push_back(
      {s, "every", "updates between validations; each saves a checkpoint", &validation.every, 1});
  fields.push_back(
      {s, "metric",
       "what best means, of the models so far; when training ends the last one is best, too, "
       "if it is better in the search that it will be used with",
       choice(validation.metric, {{"bleu", ValidationMetric::kBleu},
                                  {"chrf", ValidationMetric::kChrf},
                                  {"perplexity", ValidationMetric::kPerplexity}})});
  fields.push_back({s, "patience", "stop after so many validations without a gain; 0: never",
                    &validation.patience, 0});
  fields.push_back({s, "beam_size", "of the decoded dev set", &validation.beam_size, 1, 1000});
  fields.push_back(found({s, "choose_length_penalty",
                          "when training ends, choose search.length_penalty by the dev text; false "
                          "where that is given",
                          &validation.choose_length_penalty}));
  fields.push_back({s, "samples", "translated dev sentences to show", &validation.samples, 0});
  fields.push_back({s, "max_tokens", "of a batch", &validation.max_tokens, 1});
}

void add_search(std::vector<Field>& fields, SearchOptions& search) {
  const std::string s = "search";
  fields.push_back({s, "beam_size", "default of heed translate", &search.beam_size, 1, 1000});
  fields.push_back(
      found({s, "length_penalty",
             "alpha: score = log p / length^alpha; see validation.choose_length_penalty",
             &search.length_penalty, 0, 10}));
  fields.push_back({s, "max_length_ratio", "output of at most ratio * source + offset pieces",
                    &search.max_length_ratio, 0, 1000});
  fields.push_back({s, "max_length_offset", "", &search.max_length_offset, 0, kLongestTranslation});
  fields.push_back(
      {s, "max_length", "and of at most this many", &search.max_length, 1, kLongestTranslation});
  fields.push_back(
      {s, "stopping", "when a search ends: nothing better can come, or by CTranslate2's rule",
       choice(search.stopping,
              {{"bound", Stopping::kBound}, {"ctranslate2", Stopping::kCTranslate2}})});
}

}  // namespace

std::vector<Field> fields_of(RunConfig& config) {
  std::vector<Field> fields;
  add_data(fields, config.data);
  add_tokenizer(fields, config.tokenizer);
  add_model(fields, config.model);
  add_alignment(fields, config.alignment);
  add_optimizer(fields, config.optimizer);
  add_regularization(fields, config.regularization);
  add_training(fields, config.training);
  add_validation(fields, config.validation);
  add_search(fields, config.search);
  return fields;
}

}  // namespace heed
