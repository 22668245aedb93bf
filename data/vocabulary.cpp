#include "data/vocabulary.h"

#include <bit>
#include <cstdint>

#include "data/tokenizer_fields.h"
#include "data/wire_format.h"

namespace heed {
namespace {

using namespace tokenizer_fields;

VocabularyPiece read_piece(std::string_view bytes) {
  VocabularyPiece piece;
  std::uint64_t type = kTypeNormal;
  for (WireReader reader(bytes); !reader.is_done();) {
    const WireField field = reader.next();
    if (field.number == kPieceText) piece.text = field.bytes;
    if (field.number == kPieceScore)
      piece.score = std::bit_cast<float>(static_cast<std::uint32_t>(field.value));
    if (field.number == kPieceType) type = field.value;
  }
  piece.is_text = type == kTypeNormal;
  return piece;
}

}  // namespace

Vocabulary read_vocabulary(std::string_view model) {
  Vocabulary vocabulary;
  for (WireReader reader(model); !reader.is_done();) {
    const WireField field = reader.next();
    if (field.number == kModelPieces) vocabulary.pieces.push_back(read_piece(field.bytes));
    if (field.number != kModelTrainerSpec) continue;
    for (WireReader trainer(field.bytes); !trainer.is_done();)
      if (const WireField setting = trainer.next();
          setting.number == kTrainerModelType && setting.value == kModelTypeBpe)
        vocabulary.model = SubwordModel::kBpe;
  }
  return vocabulary;
}

}  // namespace heed
