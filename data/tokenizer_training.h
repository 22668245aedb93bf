#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace heed {

enum class SubwordModel { kUnigram, kBpe };

/// How to train a SentencePiece model (Kudo, "Subword Regularization", ACL 2018, for unigram;
/// Sennrich et al., "Neural Machine Translation of Rare Words with Subword Units", ACL 2016, for
/// BPE).
struct TokenizerTrainingOptions {
  SubwordModel model = SubwordModel::kUnigram;

  /// Number of pieces, the four control symbols and (with byte_fallback) the 256 bytes included.
  int vocab_size = 8000;

  /// Whether a text too small for vocab_size is an error, or gives as many pieces as it has.
  bool exact_vocab_size = true;

  /// What a message tells the user to change when vocab_size does not suit the text.
  std::string vocab_size_key = "tokenizer.vocab_size";

  /// Share of the characters of the text that get a piece of their own; the rarest others are spelt
  /// in bytes (with byte_fallback) or become unk. SentencePiece takes 0.98 to 1.
  double character_coverage = 0.9999;

  /// Spell characters without a piece in bytes, so that no character is ever lost.
  bool byte_fallback = true;

  /// Train on at most this many lines, drawn at random (always the same ones); 0 is all.
  std::size_t max_sentences = 1'000'000;

  /// "nmt_nfkc", "nmt_nfkc_cf" (which makes all text lower case), "nfkc" or "identity" (each also
  /// drops leading, trailing and repeated spaces, except that "identity" keeps all other characters
  /// as they are).
  std::string normalization = "nmt_nfkc";
};

struct TokenizerTrainingReport {
  std::size_t lines_read = 0;
  std::size_t lines_used = 0;  // lines with text in them, at most max_sentences
};

/// Trains a model on all lines of `files` (anything LineReader reads) and writes it to
/// `model_path`, atomically. The same text and options give the same file, byte for byte.
///
/// The control symbols are pad 0, unk 1, bos 2, eos 3. No line is left out for its length. The
/// number of threads is fixed, because SentencePiece's sums, and so its models, depend on it.
///
/// Throws std::runtime_error when a file cannot be read or holds ill-formed UTF-8 or NUL
/// (FILE:LINE), when there is no text, or when `vocab_size` is too large for the text or too small
/// for its characters; the message then names the largest or smallest size possible and the setting
/// to change. An option out of its range is a std::invalid_argument.
TokenizerTrainingReport train_tokenizer(std::span<const std::filesystem::path> files,
                                        const TokenizerTrainingOptions& options,
                                        const std::filesystem::path& model_path);

/// As above, for lines in memory.
TokenizerTrainingReport train_tokenizer(std::span<const std::string> lines,
                                        const TokenizerTrainingOptions& options,
                                        const std::filesystem::path& model_path);

}  // namespace heed
