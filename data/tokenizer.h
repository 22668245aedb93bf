#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/special_tokens.h"
#include "data/vocabulary.h"

namespace heed {

/// A piece of a text and the bytes [begin, end) of that text which it stands for. The bytes may be
/// fewer or more than those of `text`: pieces spell normalised text, with U+2581 for a space.
struct Piece {
  TokenId id;
  std::string text;
  std::size_t begin;
  std::size_t end;
};

/// A trained SentencePiece model: text to token ids and back. Immutable; copies share the model;
/// every function may be called from several threads at once.
class Tokenizer {
 public:
  /// Throws std::runtime_error naming the file when it is missing, empty, truncated, no
  /// SentencePiece model, or one whose pad, unk, bos and eos are not the ids 0, 1, 2, 3. The file
  /// is checked before SentencePiece, which aborts on some damage, is shown it.
  static Tokenizer load(const std::filesystem::path& path);

  // What encodes or decodes throws std::runtime_error where SentencePiece can't do it with this
  // model: one whose pieces are of kinds that no training gives them.

  /// The ids of `line`, without bos and eos. Ill-formed UTF-8 counts as U+FFFD. A language tag of
  /// the vocabulary (language_tags) at the very beginning is one piece.
  std::vector<TokenId> encode(std::string_view line) const;

  /// As `encode`, with the bytes of `line` that each piece stands for. Each range begins where the
  /// one before it ends; outside of all of them is nothing but what normalization drops at the ends
  /// of the line (white space). Of the byte pieces that spell one character the last has its range,
  /// the others are empty.
  std::vector<Piece> encode_pieces(std::string_view line) const;

  /// The text that `ids` spell. Pad, bos and eos are left out; unk is spelt " ⁇ ".
  /// Throws std::out_of_range for an id outside of the vocabulary.
  std::string decode(std::span<const TokenId> ids) const;

  /// One piece an id (also for pad, bos and eos, with empty ranges), with byte ranges in `text`,
  /// which becomes decode(ids).
  std::vector<Piece> decode_pieces(std::span<const TokenId> ids, std::string& text) const;

  /// How the vocabulary spells `id`. Throws std::out_of_range.
  const std::string& piece_text(TokenId id) const;

  int vocab_size() const;

  /// Its pieces and their scores, `vocab_size()` of them.
  Vocabulary vocabulary() const;

  /// Those that a multilingual model which was imported knows, ">>deu<<" and so on, by their ids.
  std::vector<std::string> language_tags() const;

  /// FNV-1a, 64 bits, of the model file's bytes.
  std::uint64_t hash() const;

  /// Writes the model file, byte for byte the one that was loaded, atomically.
  void save(const std::filesystem::path& path) const;

 private:
  struct Impl;
  explicit Tokenizer(std::shared_ptr<const Impl> impl);

  std::shared_ptr<const Impl> impl_;
};

}  // namespace heed
