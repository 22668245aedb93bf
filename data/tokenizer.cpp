#include "data/tokenizer.h"

#include <fmt/format.h>
#include <sentencepiece_processor.h>

#include <stdexcept>
#include <utility>

#include "data/atomic_file.h"
#include "data/hash.h"
#include "data/tokenizer_model_check.h"
#include "data/tokenizer_renumbering.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

void require_ok(const sentencepiece::util::Status& status, const char* action) {
  if (!status.ok()) {
    throw std::runtime_error(
        fmt::format("SentencePiece could not {}: {}", action, status.error_message()));
  }
}

void require_special_ids(const sentencepiece::SentencePieceProcessor& processor) {
  const int pad = processor.pad_id();
  const int unk = processor.unk_id();
  const int bos = processor.bos_id();
  const int eos = processor.eos_id();
  if (pad == kPadId && unk == kUnkId && bos == kBosId && eos == kEosId) return;
  throw std::runtime_error(fmt::format(
      "its pad, unk, bos and eos are the ids {}, {}, {} and {}, where heed needs 0, 1, 2 "
      "and 3; train it with pad_id=0, unk_id=1, bos_id=2, eos_id=3",
      pad, unk, bos, eos));
}

bool is_control(TokenId id) {
  return id == kPadId || id == kBosId || id == kEosId;
}

Piece to_piece(const sentencepiece::ImmutableSentencePieceText_ImmutableSentencePiece& piece) {
  return {static_cast<TokenId>(piece.id()), piece.piece(), piece.begin(), piece.end()};
}

}  // namespace

struct Tokenizer::Impl {
  explicit Impl(std::string model_bytes) : bytes(std::move(model_bytes)), hash(fnv1a_64(bytes)) {
    check_tokenizer_model(bytes);
    require_ok(processor.LoadFromSerializedProto(bytes), "read it");
    require_special_ids(processor);
    const auto pieces = static_cast<std::size_t>(processor.GetPieceSize());
    const std::optional<std::size_t> numbered = renumbered_size(bytes);
    is_renumbered = numbered.has_value();
    const auto special = static_cast<std::size_t>(kEosId) + 1;
    if (numbered && (*numbered < special || *numbered > pieces))
      throw std::runtime_error(
          fmt::format("{} pieces are to have an id, but there are {}, {} of them special",
                      *numbered, pieces, special));
    vocab_size = static_cast<int>(numbered.value_or(pieces));
  }

  /// The length of the language tag that `line` begins with; 0 without one.
  std::size_t tag_length(std::string_view line) const {
    if (!is_renumbered || !line.starts_with(">>")) return 0;
    const std::size_t end = line.find("<<");
    if (end == std::string_view::npos) return 0;
    const int id = processor.PieceToId(std::string(line.substr(0, end + 2)));
    return id < vocab_size && is_tag(id) ? end + 2 : 0;
  }

  bool is_tag(int id) const {
    return processor.IsControl(id) && is_language_tag(processor.IdToPiece(id));
  }

  /// Pieces beyond the vocabulary are unknown; what SentencePiece doesn't know may be spelt as a
  /// piece that it must not split off.
  TokenId vocabulary_id(const Piece& piece) const {
    if (piece.id >= vocab_size) return kUnkId;
    if (piece.id != kUnkId) return piece.id;
    const int spelt = processor.PieceToId(piece.text);
    const bool is_spelling = processor.IsUnused(spelt) || is_tag(spelt);
    return spelt < vocab_size && is_spelling ? spelt : kUnkId;
  }

  std::vector<Piece> split(std::string_view line) const {
    sentencepiece::ImmutableSentencePieceText encoded;
    require_ok(processor.Encode(line, encoded.mutable_proto()), "encode a line");
    std::vector<Piece> pieces;
    pieces.reserve(encoded.pieces_size());
    for (const auto& piece : encoded.pieces()) pieces.push_back(to_piece(piece));
    return pieces;
  }

  void check_id(TokenId id) const {
    if (id < 0 || id >= vocab_size) {
      throw std::out_of_range(
          fmt::format("token id {} is not in the vocabulary of {} pieces", id, vocab_size));
    }
  }

  // Those SentencePiece gets to decode: all but pad, bos and eos.
  std::vector<int> text_ids(std::span<const TokenId> ids) const {
    std::vector<int> kept;
    kept.reserve(ids.size());
    for (const TokenId id : ids) {
      check_id(id);
      if (!is_control(id)) kept.push_back(id);
    }
    return kept;
  }

  std::string bytes;
  std::uint64_t hash;
  sentencepiece::SentencePieceProcessor processor;
  bool is_renumbered = false;  // by renumber_tokenizer
  int vocab_size = 0;
};

Tokenizer::Tokenizer(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

Tokenizer Tokenizer::load(const fs::path& path) {
  std::string bytes = read_tokenizer_model(path);
  try {
    return Tokenizer(std::make_shared<const Impl>(std::move(bytes)));
  } catch (const std::exception& error) {
    throw std::runtime_error(
        fmt::format("{}: cannot use this as a tokenizer: {}", path.string(), error.what()));
  }
}

std::vector<TokenId> Tokenizer::encode(std::string_view line) const {
  std::vector<int> ids;
  if (impl_->is_renumbered) {
    for (const Piece& piece : encode_pieces(line)) ids.push_back(piece.id);
    return ids;
  }
  require_ok(impl_->processor.Encode(line, &ids), "encode a line");
  return ids;
}

std::vector<Piece> Tokenizer::encode_pieces(std::string_view line) const {
  const std::size_t tag_length = impl_->tag_length(line);
  std::vector<Piece> pieces = impl_->split(line.substr(tag_length));
  if (!impl_->is_renumbered) return pieces;
  for (Piece& piece : pieces) {
    piece.id = impl_->vocabulary_id(piece);
    piece.begin += tag_length;
    piece.end += tag_length;
  }
  if (tag_length == 0) return pieces;
  std::string tag(line.substr(0, tag_length));
  // White space that normalization drops behind it is the tag's.
  const std::size_t end = pieces.empty() ? tag_length : pieces.front().begin;
  pieces.insert(pieces.begin(), {impl_->processor.PieceToId(tag), std::move(tag), 0, end});
  return pieces;
}

std::string Tokenizer::decode(std::span<const TokenId> ids) const {
  std::string text;
  require_ok(impl_->processor.Decode(impl_->text_ids(ids), &text), "decode ids");
  return text;
}

std::vector<Piece> Tokenizer::decode_pieces(std::span<const TokenId> ids, std::string& text) const {
  sentencepiece::ImmutableSentencePieceText decoded;
  require_ok(impl_->processor.Decode(impl_->text_ids(ids), decoded.mutable_proto()), "decode ids");
  text = decoded.text();
  std::vector<Piece> pieces;
  pieces.reserve(ids.size());
  std::size_t end = 0;
  std::size_t next = 0;
  for (const TokenId id : ids) {
    if (is_control(id)) {
      pieces.push_back({id, piece_text(id), end, end});
    } else {
      pieces.push_back(to_piece(decoded.pieces(static_cast<int>(next++))));
      pieces.back().id = id;
    }
    end = pieces.back().end;
  }
  return pieces;
}

const std::string& Tokenizer::piece_text(TokenId id) const {
  impl_->check_id(id);
  return impl_->processor.IdToPiece(id);
}

int Tokenizer::vocab_size() const {
  return impl_->vocab_size;
}

Vocabulary Tokenizer::vocabulary() const {
  Vocabulary vocabulary = read_vocabulary(impl_->bytes);
  vocabulary.pieces.resize(static_cast<std::size_t>(impl_->vocab_size));
  return vocabulary;
}

std::vector<std::string> Tokenizer::language_tags() const {
  std::vector<std::string> tags;
  for (int id = 0; impl_->is_renumbered && id < impl_->vocab_size; ++id)
    if (impl_->is_tag(id)) tags.push_back(impl_->processor.IdToPiece(id));
  return tags;
}

std::uint64_t Tokenizer::hash() const {
  return impl_->hash;
}

void Tokenizer::save(const fs::path& path) const {
  write_file_atomically(path, impl_->bytes);
}

}  // namespace heed
