#include "data/tokenizer.h"

#include <fmt/format.h>
#include <sentencepiece_processor.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "data/atomic_file.h"
#include "data/hash.h"
#include "data/tokenizer_model_check.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

std::string read_model_file(const fs::path& path) {
  if (fs::is_directory(path)) {
    throw std::runtime_error(fmt::format("{}: cannot read: it is a folder", path.string()));
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  if (!file.is_open() || file.bad()) {
    throw std::runtime_error(fmt::format("{}: cannot read the tokenizer model: {}", path.string(),
                                         std::strerror(errno != 0 ? errno : EIO)));
  }
  return bytes;
}

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
  }

  void check_id(TokenId id) const {
    if (id < 0 || id >= processor.GetPieceSize()) {
      throw std::out_of_range(fmt::format("token id {} is not in the vocabulary of {} pieces", id,
                                          processor.GetPieceSize()));
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
};

Tokenizer::Tokenizer(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

Tokenizer Tokenizer::load(const fs::path& path) {
  std::string bytes = read_model_file(path);
  try {
    return Tokenizer(std::make_shared<const Impl>(std::move(bytes)));
  } catch (const std::exception& error) {
    throw std::runtime_error(
        fmt::format("{}: cannot use this as a tokenizer: {}", path.string(), error.what()));
  }
}

std::vector<TokenId> Tokenizer::encode(std::string_view line) const {
  std::vector<int> ids;
  require_ok(impl_->processor.Encode(line, &ids), "encode a line");
  return ids;
}

std::vector<Piece> Tokenizer::encode_pieces(std::string_view line) const {
  sentencepiece::ImmutableSentencePieceText encoded;
  require_ok(impl_->processor.Encode(line, encoded.mutable_proto()), "encode a line");
  std::vector<Piece> pieces;
  pieces.reserve(encoded.pieces_size());
  for (const auto& piece : encoded.pieces()) pieces.push_back(to_piece(piece));
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
  return impl_->processor.GetPieceSize();
}

std::uint64_t Tokenizer::hash() const {
  return impl_->hash;
}

void Tokenizer::save(const fs::path& path) const {
  write_file_atomically(path, impl_->bytes);
}

}  // namespace heed
