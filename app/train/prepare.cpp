#include "app/train/prepare.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <thread>
#include <tuple>

#include "app/check/training_check.h"
#include "app/errors.h"
#include "app/progress.h"
#include "app/train/hold_out.h"
#include "data/hash.h"
#include "data/tokenizer_training.h"
#include "model/atomic_folder.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

ParallelFiles to_files(const std::vector<std::string>& src, const std::vector<std::string>& tgt,
                       const std::vector<std::string>& tsv) {
  return {{src.begin(), src.end()}, {tgt.begin(), tgt.end()}, {tsv.begin(), tsv.end()}};
}

int thread_count(const RunConfig& config) {
  if (config.training.threads > 0) return static_cast<int>(config.training.threads);
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

TokenizerTrainingOptions training_options(const RunConfig& config, std::int64_t vocab_size) {
  TokenizerTrainingOptions options;
  options.model = config.tokenizer.type;
  options.vocab_size = static_cast<int>(vocab_size);
  options.character_coverage = config.tokenizer.character_coverage;
  options.byte_fallback = config.tokenizer.byte_fallback;
  options.max_sentences = static_cast<std::size_t>(config.tokenizer.max_sentences);
  options.normalization = config.tokenizer.normalization;
  return options;
}

Tokenizer train_one(const std::vector<std::string>& lines, const TokenizerTrainingOptions& options,
                    const fs::path& path, const char* what) {
  const Stopwatch watch;
  train_tokenizer(std::span<const std::string>(lines), options, path);
  Tokenizer tokenizer = Tokenizer::load(path);
  spdlog::info("trained the {} tokenizer: {} pieces from {} lines, {:.1f} s", what,
               tokenizer.vocab_size(), lines.size(), watch.seconds());
  return tokenizer;
}

Tokenizers train_tokenizers(const RunConfig& config, const ParallelFiles& files,
                            const RunFolder& folder) {
  std::vector<std::string> src;
  std::vector<std::string> tgt;
  read_parallel(files, [&](SentencePair&& pair) {
    src.push_back(std::move(pair.src));
    tgt.push_back(std::move(pair.tgt));
  });
  const std::int64_t size = config.tokenizer.vocab_size;
  if (config.tokenizer.joint) {
    std::move(tgt.begin(), tgt.end(), std::back_inserter(src));
    const Tokenizer joint = train_one(src, training_options(config, size),
                                      folder.path() / kJointTokenizerFile, "joint");
    return {joint, joint};
  }
  const std::int64_t given = config.tokenizer.tgt_vocab_size;
  TokenizerTrainingOptions tgt_options = training_options(config, given > 0 ? given : size);
  tgt_options.vocab_size_key = "tokenizer.tgt_vocab_size";
  return {
      train_one(src, training_options(config, size), folder.path() / kSrcTokenizerFile, "source"),
      train_one(tgt, tgt_options, folder.path() / kTgtTokenizerFile, "target")};
}

Tokenizers obtain_tokenizers(const RunConfig& config, const ParallelFiles& files,
                             const RunFolder& folder, const fs::path& former) {
  if (!former.empty()) return Tokenizers::load(former);
  for (const char* file : {kJointTokenizerFile, kSrcTokenizerFile, kTgtTokenizerFile})
    fs::remove(folder.path() / file);  // of another run that was here
  const TokenizerConfig& given = config.tokenizer;
  if (given.src_model.empty()) {
    if (!given.tgt_model.empty())
      throw UsageError("tokenizer.tgt_model is given without tokenizer.src_model; give both");
    return train_tokenizers(config, files, folder);
  }
  const Tokenizer src = Tokenizer::load(given.src_model);
  Tokenizers tokenizers{src, given.tgt_model.empty() ? src : Tokenizer::load(given.tgt_model)};
  tokenizers.save(folder.path());
  return tokenizers;
}

/// The rest of `files`, and what of it takes the place of dev text.
std::pair<ParallelFiles, ParallelFiles> hold_out_dev(const RunConfig& config,
                                                     const ParallelFiles& files,
                                                     const RunFolder& folder) {
  const std::string& guide = config.alignment.guide;
  if (!guide.empty() && guide != "hmm")
    throw UsageError(
        fmt::format("data.hold_out = {}: alignment.guide = {} has a line of links for each pair of "
                    "the training text, of which none can be held out; give data.dev_src and "
                    "data.dev_tgt, or data.hold_out = 0",
                    config.data.hold_out, guide));
  HeldOut held = hold_out(files, static_cast<std::size_t>(config.data.hold_out),
                          static_cast<std::uint64_t>(config.training.seed), folder.cache());
  spdlog::info("no dev text is given: {} pairs of the training text are kept apart for it, in {}",
               load_parallel(held.dev).pairs.size(), held.dev.src.front().string());
  return {std::move(held.train), std::move(held.dev)};
}

EncodedCorpus encode_training_text(const RunConfig& config, const ParallelFiles& files,
                                   const Tokenizers& tokenizers, const RunFolder& folder) {
  const Stopwatch watch;
  EncodeOptions options;
  options.max_length = static_cast<std::size_t>(config.data.max_length);
  options.threads = thread_count(config);
  EncodedCorpus corpus =
      encode_corpus(files, tokenizers.src, tokenizers.tgt, options, folder.cache() / "train.ids");
  const EncodedCorpusReport& report = corpus.report();
  spdlog::info("training text: {} pairs, {} source and {} target pieces ({}, {:.1f} s)",
               report.pairs_kept, report.src_tokens, report.tgt_tokens,
               report.from_cache ? "cached" : "encoded", watch.seconds());
  if (report.empty_pairs > 0)
    spdlog::warn("{} pairs left out: a side is empty", report.empty_pairs);
  if (report.too_long_pairs > 0)
    spdlog::warn("{} pairs left out: more than {} pieces on a side (data.max_length)",
                 report.too_long_pairs, config.data.max_length);
  if (corpus.size() == 0) throw std::runtime_error("the training text has no pair to train on");
  return corpus;
}

std::shared_ptr<const AlignmentGuide> obtain_guide(const RunConfig& config,
                                                   const ParallelFiles& files,
                                                   const Tokenizers& tokenizers,
                                                   const EncodedCorpus& corpus,
                                                   const RunFolder& folder, bool is_resumed) {
  const std::string& guide = config.alignment.guide;
  if (guide.empty()) return nullptr;
  fs::path path = guide;
  if (guide == "hmm") {
    path = folder.cache() / "train.links";
    // Not found again, so that a resumed run learns from the same links to the last digit.
    if (!is_resumed || !fs::exists(path))
      write_statistical_links(path, files, static_cast<std::size_t>(thread_count(config)));
  }
  return std::make_shared<const AlignmentGuide>(read_alignment_guide(
      path, files, tokenizers, corpus, static_cast<std::size_t>(config.data.max_length)));
}

std::uint64_t hash_of(const EncodedCorpus& train, const std::vector<SentencePair>& dev) {
  ContentHash hash;
  hash.add_number(train.hash());
  for (const SentencePair& pair : dev) {
    hash.add(pair.src);
    hash.add(pair.tgt);
  }
  return hash.value();
}

}  // namespace

void check_training_text(const DataConfig& data) {
  if (!data.train_src.empty() || !data.train_tsv.empty()) return;
  throw UsageError(
      "no training text: give --train-src and --train-tgt, or in the configuration or by --set "
      "data.train_src and data.train_tgt, or data.train_tsv");
}

TrainingData prepare_training_data(RunConfig& config, const RunFolder& folder,
                                   const fs::path& former) {
  const DataConfig& data = config.data;
  ParallelFiles files = to_files(data.train_src, data.train_tgt, data.train_tsv);
  check_training_text(data);
  const std::string both_ways = data.bidirectional ? "data.bidirectional"
                                : config.regularization.reverse_share > 0
                                    ? "regularization.reverse_share"
                                    : "";
  if (!both_ways.empty() && !config.tokenizer.joint && config.tokenizer.src_model.empty())
    throw UsageError(fmt::format(
        "tokenizer.joint = false: {} takes one vocabulary for both languages, set it to true",
        both_ways));
  ParallelFiles dev_files = to_files(data.dev_src, data.dev_tgt, data.dev_tsv);
  if (data.check && former.empty()) warn_of_faults(files, dev_files);
  if (data.hold_out > 0 && dev_files.src.empty() && dev_files.tsv.empty())
    std::tie(files, dev_files) = hold_out_dev(config, files, folder);
  std::vector<SentencePair> dev = load_parallel(dev_files).pairs;
  if (dev.empty()) spdlog::warn("no dev text: training goes on without validation (data.dev_src)");
  Tokenizers tokenizers = obtain_tokenizers(config, files, folder, former);
  if (!both_ways.empty() && !tokenizers.joint())
    throw UsageError(
        fmt::format("tokenizer.tgt_model = {}: {} takes one vocabulary for both languages, give "
                    "tokenizer.src_model alone",
                    config.tokenizer.tgt_model, both_ways));
  config.model.src_vocab_size = tokenizers.src.vocab_size();
  config.model.tgt_vocab_size = tokenizers.tgt.vocab_size();
  EncodedCorpus train = encode_training_text(config, files, tokenizers, folder);
  config.model.alignment_head = !config.alignment.guide.empty();
  auto guide = obtain_guide(config, files, tokenizers, train, folder, !former.empty());
  const std::uint64_t hash = hash_of(train, dev);
  if (data.bidirectional) train = train.in_both_directions();
  return {std::move(tokenizers), std::move(train), std::move(guide), std::move(dev), hash, 0.0};
}

}  // namespace heed
