#include "data/tokenizer_training.h"

#include <fmt/format.h>
#include <sentencepiece_trainer.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "data/atomic_file.h"
#include "data/random.h"
#include "data/replace_all.h"
#include "data/special_tokens.h"
#include "data/strict_text.h"
#include "data/utf8.h"
#include "data/white_space.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

constexpr int kThreads = 8;
constexpr std::size_t kMaxTextBytes = std::size_t{1} << 30;  // also the largest line it takes
constexpr std::uint64_t kSamplingSeed = 1;
constexpr int kMinVocabSize = 5;  // the control symbols and something to say
constexpr double kMinCoverage = 0.98;
constexpr std::array<std::string_view, 4> kNormalizations = {"nmt_nfkc", "nmt_nfkc_cf", "nfkc",
                                                             "identity"};

// SentencePiece leaves out whole lines that hold its mark for unknown characters, and cuts text at
// tabs.
constexpr std::string_view kReservedMark = "\u2585";

// True for characters that every normalization keeps. SentencePiece aborts when a text has none.
bool is_visible(char32_t code_point) {
  const auto c = static_cast<UChar32>(code_point);
  return u_isgraph(c) && !u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) &&
         !is_white_space(code_point) && code_point != 0x2581 && code_point != kReplacementCharacter;
}

bool has_visible_text(std::string_view line) {
  for (std::size_t i = 0; i < line.size();) {
    if (is_visible(decode_code_point(line, i))) return true;
  }
  return false;
}

std::string without_reserved(std::string_view line) {
  std::string clean = replace_all(line, kReservedMark, " ");
  std::replace(clean.begin(), clean.end(), '\t', ' ');
  return clean;
}

/// A uniform sample of the lines it is given (Vitter, "Random sampling with a reservoir", algorithm
/// R, ACM TOMS 1985).
class LineSample {
 public:
  explicit LineSample(std::size_t max_lines) : max_lines_(max_lines) {}

  void add(std::string_view line) {
    ++lines_read_;
    std::string clean = without_reserved(line);
    if (!has_visible_text(clean)) return;
    ++lines_seen_;
    if (max_lines_ == 0 || lines_.size() < max_lines_) {
      lines_.push_back(std::move(clean));
      return;
    }
    const std::uint64_t place = random_.uniform_below(lines_seen_);
    if (place < max_lines_) lines_[static_cast<std::size_t>(place)] = std::move(clean);
  }

  const std::vector<std::string>& lines() const { return lines_; }
  TokenizerTrainingReport report() const { return {lines_read_, lines_.size()}; }

 private:
  std::size_t max_lines_;
  std::size_t lines_read_ = 0;
  std::size_t lines_seen_ = 0;
  SplitMix64 random_{kSamplingSeed};
  std::vector<std::string> lines_;
};

class LineIterator : public sentencepiece::SentenceIterator {
 public:
  explicit LineIterator(const std::vector<std::string>& lines) : lines_(lines) {}

  bool done() const override { return next_ == lines_.size(); }
  void Next() override { ++next_; }
  const std::string& value() const override { return lines_[next_]; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  const std::vector<std::string>& lines_;
  std::size_t next_ = 0;
};

void check_options(const TokenizerTrainingOptions& options) {
  if (options.vocab_size < kMinVocabSize) {
    throw std::invalid_argument(fmt::format("a vocabulary size of {} is too small (at least {})",
                                            options.vocab_size, kMinVocabSize));
  }
  if (!(options.character_coverage >= kMinCoverage && options.character_coverage <= 1.0)) {
    throw std::invalid_argument(fmt::format("a character coverage of {} is not in {} to 1",
                                            options.character_coverage, kMinCoverage));
  }
  for (const std::string_view name : kNormalizations) {
    if (options.normalization == name) return;
  }
  throw std::invalid_argument(fmt::format("\"{}\" is no normalization; choose one of {}",
                                          options.normalization, fmt::join(kNormalizations, ", ")));
}

// SentencePiece indexes the text it learns from with 32 bits and aborts when there is more.
void check_text(const std::vector<std::string>& lines) {
  if (lines.empty()) throw std::runtime_error("there is no text to train a tokenizer on");
  std::size_t bytes = 0;
  for (const std::string& line : lines) bytes += line.size();
  if (bytes > kMaxTextBytes) {
    throw std::runtime_error(fmt::format(
        "{} bytes are too much text to train a tokenizer on (at most {}); sample it with --set "
        "tokenizer.max_sentences=N, where N is less than {}",
        bytes, kMaxTextBytes, lines.size()));
  }
}

std::unordered_map<std::string, std::string> to_arguments(const TokenizerTrainingOptions& options) {
  return {{"model_type", options.model == SubwordModel::kUnigram ? "unigram" : "bpe"},
          {"vocab_size", fmt::to_string(options.vocab_size)},
          {"hard_vocab_limit", options.exact_vocab_size ? "true" : "false"},
          {"character_coverage", fmt::to_string(options.character_coverage)},
          {"byte_fallback", options.byte_fallback ? "true" : "false"},
          {"normalization_rule_name", options.normalization},
          {"pad_id", fmt::to_string(kPadId)},
          {"unk_id", fmt::to_string(kUnkId)},
          {"bos_id", fmt::to_string(kBosId)},
          {"eos_id", fmt::to_string(kEosId)},
          {"num_threads", fmt::to_string(kThreads)},
          {"max_sentence_length", fmt::to_string(kMaxTextBytes)},
          {"minloglevel", "3"}};
}

// The number behind the last `marker` of a message; -1 when there is none.
int number_after(std::string_view message, std::string_view marker) {
  const std::size_t at = message.rfind(marker);
  int number = -1;
  if (at != std::string_view::npos) {
    std::from_chars(message.data() + at + marker.size(), message.data() + message.size(), number);
  }
  return number;
}

[[noreturn]] void fail_training(std::string_view message, const TokenizerTrainingOptions& options) {
  const int largest = number_after(message, "value <= ");
  if (largest > 0) {
    throw std::runtime_error(fmt::format(
        "a vocabulary of {} pieces is too large for this text: {} is the largest possible; "
        "use --set {}={} or less",
        options.vocab_size, largest, options.vocab_size_key, largest));
  }
  const int smallest = number_after(message, " vs ");
  if (smallest > 0) {
    throw std::runtime_error(fmt::format(
        "a vocabulary of {} pieces is too small for the characters of this text: {} is the "
        "smallest possible; use --set {}={} or more, or a smaller character coverage",
        options.vocab_size, smallest, options.vocab_size_key, smallest));
  }
  throw std::runtime_error(fmt::format("SentencePiece could not train a tokenizer: {}", message));
}

TokenizerTrainingReport train(const LineSample& sample, const TokenizerTrainingOptions& options,
                              const fs::path& model_path) {
  check_text(sample.lines());
  LineIterator iterator(sample.lines());
  std::string model;
  const auto status =
      sentencepiece::SentencePieceTrainer::Train(to_arguments(options), &iterator, &model);
  if (!status.ok()) fail_training(status.error_message(), options);
  write_file_atomically(model_path, model);
  return sample.report();
}

}  // namespace

TokenizerTrainingReport train_tokenizer(std::span<const fs::path> files,
                                        const TokenizerTrainingOptions& options,
                                        const fs::path& model_path) {
  check_options(options);
  LineSample sample(options.max_sentences);
  std::string line;
  for (const fs::path& file : files) {
    StrictLineReader reader(file);
    while (reader.next(line)) sample.add(line);
  }
  return train(sample, options, model_path);
}

TokenizerTrainingReport train_tokenizer(std::span<const std::string> lines,
                                        const TokenizerTrainingOptions& options,
                                        const fs::path& model_path) {
  check_options(options);
  LineSample sample(options.max_sentences);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    check_training_line(lines[i], "text for the tokenizer", i + 1);
    sample.add(lines[i]);
  }
  return train(sample, options, model_path);
}

}  // namespace heed
