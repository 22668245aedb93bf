#pragma once

#include <cstdint>

namespace heed::tokenizer_fields {

// Field numbers and values of sentencepiece_model.proto, which has kept them since its first
// release.
inline constexpr std::uint64_t kModelPieces = 1;
inline constexpr std::uint64_t kModelTrainerSpec = 2;
inline constexpr std::uint64_t kModelNormalizerSpec = 3;
inline constexpr std::uint64_t kModelDenormalizerSpec = 5;
/// Heed's own, among the numbers that the format leaves to others: how many pieces have an id, the
/// first ones; what is split into a later piece is unknown. Without it all have.
inline constexpr std::uint64_t kModelNumberedPieces = 1000;

inline constexpr std::uint64_t kPieceText = 1;
inline constexpr std::uint64_t kPieceScore = 2;
inline constexpr std::uint64_t kPieceType = 3;

inline constexpr std::uint64_t kTypeNormal = 1;
inline constexpr std::uint64_t kTypeUnknown = 2;
inline constexpr std::uint64_t kTypeControl = 3;
inline constexpr std::uint64_t kTypeUserDefined = 4;
inline constexpr std::uint64_t kTypeUnused = 5;

inline constexpr std::uint64_t kTrainerModelType = 3;
inline constexpr std::uint64_t kModelTypeUnigram = 1;
inline constexpr std::uint64_t kModelTypeBpe = 2;
inline constexpr std::uint64_t kTrainerVocabSize = 4;
inline constexpr std::uint64_t kTrainerUnkId = 40;
inline constexpr std::uint64_t kTrainerBosId = 41;
inline constexpr std::uint64_t kTrainerEosId = 42;
inline constexpr std::uint64_t kTrainerPadId = 43;
inline constexpr std::uint64_t kTrainerUnkPiece = 45;
inline constexpr std::uint64_t kTrainerBosPiece = 46;
inline constexpr std::uint64_t kTrainerEosPiece = 47;
inline constexpr std::uint64_t kTrainerPadPiece = 48;

inline constexpr std::uint64_t kNormalizerCharsmap = 2;

}  // namespace heed::tokenizer_fields
