#include "data/tokenizer_renumbering.h"

#include <fmt/format.h>

#include <set>
#include <stdexcept>
#include <unordered_map>

#include "data/special_tokens.h"
#include "data/tokenizer_fields.h"
#include "data/utf8.h"
#include "data/wire_format.h"

namespace heed {
namespace {

using namespace tokenizer_fields;

constexpr std::string_view kPadPiece = "<pad>";
constexpr std::string_view kUnkPiece = "<unk>";
constexpr std::string_view kBosPiece = "<s>";
constexpr std::string_view kEosPiece = "</s>";

std::string_view text_of(std::string_view piece) {
  std::string_view text;
  for (WireReader reader(piece); !reader.is_done();)
    if (const WireField field = reader.next(); field.number == kPieceText) text = field.bytes;
  return text;
}

std::uint64_t type_of(std::string_view piece) {
  std::uint64_t type = kTypeNormal;
  for (WireReader reader(piece); !reader.is_done();)
    if (const WireField field = reader.next(); field.number == kPieceType) type = field.value;
  return type;
}

void append_piece(std::string& model, std::string_view text, std::uint64_t type) {
  std::string piece;
  append_bytes(piece, kPieceText, text);
  append_float(piece, kPieceScore, 0.0F);
  append_number(piece, kPieceType, type);
  append_bytes(model, kModelPieces, piece);
}

bool can_be_piece(std::string_view text) {
  return !text.empty() && text.find('\0') == std::string_view::npos && is_valid_utf8(text) &&
         text != kPadPiece && text != kUnkPiece && text != kBosPiece && text != kEosPiece;
}

/// The settings with heed's special ids. Of a field that stands twice the last counts.
std::string with_special_ids(std::string_view trainer, std::size_t vocab_size) {
  std::string result(trainer);
  append_number(result, kTrainerVocabSize, vocab_size);
  append_number(result, kTrainerPadId, kPadId);
  append_number(result, kTrainerUnkId, kUnkId);
  append_number(result, kTrainerBosId, kBosId);
  append_number(result, kTrainerEosId, kEosId);
  append_bytes(result, kTrainerPadPiece, kPadPiece);
  append_bytes(result, kTrainerUnkPiece, kUnkPiece);
  append_bytes(result, kTrainerBosPiece, kBosPiece);
  append_bytes(result, kTrainerEosPiece, kEosPiece);
  return result;
}

void require_unigram(std::string_view trainer) {
  std::uint64_t type = kModelTypeUnigram;
  for (WireReader reader(trainer); !reader.is_done();)
    if (const WireField field = reader.next(); field.number == kTrainerModelType)
      type = field.value;
  if (type != kModelTypeUnigram)
    throw std::runtime_error("it is not a unigram model, and only these can be given other ids");
}

class Renumbering {
 public:
  Renumbering(std::string_view model, std::span<const std::string> vocabulary)
      : vocabulary_(vocabulary) {
    for (WireReader reader(model); !reader.is_done();) {
      const WireField field = reader.next();
      if (field.number == kModelTrainerSpec) require_unigram(field.bytes);
      if (field.number != kModelPieces) {
        settings_.push_back(field);
      } else if (const std::uint64_t type = type_of(field.bytes);
                 type != kTypeUnknown && type != kTypeControl && type != kTypeUnused &&
                 can_be_piece(text_of(field.bytes))) {
        order_.push_back(text_of(field.bytes));
        pieces_.emplace(order_.back(), field.bytes);
      }
    }
  }

  std::string write() {
    append_piece(result_, kPadPiece, kTypeControl);
    append_piece(result_, kUnkPiece, kTypeUnknown);
    append_piece(result_, kBosPiece, kTypeControl);
    append_piece(result_, kEosPiece, kTypeControl);
    for (std::size_t id = 4; id < vocabulary_.size(); ++id) write_numbered(id);
    for (const std::string_view text : order_)
      if (!written_.contains(text)) append_bytes(result_, kModelPieces, pieces_.at(text));
    for (const WireField& field : settings_) {
      if (field.number == kModelTrainerSpec)
        append_bytes(result_, kModelTrainerSpec, with_special_ids(field.bytes, vocabulary_.size()));
      else if (field.number != kModelNumberedPieces)
        append_field(result_, field);
    }
    append_number(result_, kModelNumberedPieces, vocabulary_.size());
    return std::move(result_);
  }

 private:
  void write_numbered(std::size_t id) {
    const std::string& text = vocabulary_[id];
    const auto found = pieces_.find(text);
    if (is_language_tag(text))
      append_piece(result_, text, kTypeControl);
    else if (found != pieces_.end())
      append_bytes(result_, kModelPieces, found->second);
    else if (can_be_piece(text))
      append_piece(result_, text, kTypeUnused);
    else
      append_piece(result_, fmt::format("<id {}>", id), kTypeUnused);
    written_.insert(text);
  }

  std::span<const std::string> vocabulary_;
  std::vector<WireField> settings_;
  std::vector<std::string_view> order_;  // of the pieces that text is split into
  std::unordered_map<std::string_view, std::string_view> pieces_;
  std::set<std::string_view> written_;
  std::string result_;
};

}  // namespace

std::string renumber_tokenizer(std::string_view model, std::span<const std::string> vocabulary) {
  if (vocabulary.size() < 4)
    throw std::runtime_error(fmt::format(
        "a vocabulary of {} pieces has no room for pad, unk, bos and eos", vocabulary.size()));
  return Renumbering(model, vocabulary).write();
}

std::optional<std::size_t> renumbered_size(std::string_view model) {
  std::optional<std::size_t> size;
  for (WireReader reader(model); !reader.is_done();)
    if (const WireField field = reader.next(); field.number == kModelNumberedPieces)
      size = field.value;
  return size;
}

bool is_language_tag(std::string_view piece) {
  return piece.size() > 4 && piece.starts_with(">>") && piece.find("<<") == piece.size() - 2;
}

}  // namespace heed
