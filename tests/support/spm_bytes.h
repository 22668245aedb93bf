#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace heed {

// Writes protocol buffer fields, for SentencePiece models made by hand.

inline std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  bytes += static_cast<char>(value);
  return bytes;
}

inline std::string number_field(int number, std::uint64_t value) {
  return varint(static_cast<std::uint64_t>(number) << 3) + varint(value);
}

inline std::string bytes_field(int number, std::string_view bytes) {
  return varint(static_cast<std::uint64_t>(number) << 3 | 2) + varint(bytes.size()) +
         std::string(bytes);
}

inline std::string float_field(int number, float value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return varint(static_cast<std::uint64_t>(number) << 3 | 5) + bytes;
}

enum SpmPieceType { kSpmNormal = 1, kSpmUnknown = 2, kSpmControl = 3, kSpmUserDefined = 4 };

inline std::string spm_piece(std::string_view text, float score, SpmPieceType type) {
  return bytes_field(1, bytes_field(1, text) + float_field(2, score) +
                            number_field(3, static_cast<std::uint64_t>(type)));
}

/// Pieces pad, unk, bos and eos in heed's order.
inline std::string spm_special_pieces() {
  return spm_piece("<pad>", 0, kSpmControl) + spm_piece("<unk>", 0, kSpmUnknown) +
         spm_piece("<s>", 0, kSpmControl) + spm_piece("</s>", 0, kSpmControl);
}

/// Trainer and normalizer settings: a unigram model without normalization table.
inline std::string spm_settings() {
  return bytes_field(2, number_field(3, 1)) + bytes_field(3, bytes_field(1, "identity"));
}

/// A unigram model of "▁a" to "▁z" and "a" to "z".
inline std::string spm_letters() {
  std::string model = spm_special_pieces();
  for (char c = 'a'; c <= 'z'; ++c) {
    model += spm_piece(std::string(1, c), -2.0F, kSpmNormal);
    model += spm_piece("\u2581" + std::string(1, c), -2.0F, kSpmNormal);
  }
  return model + spm_piece("\u2581", -2.0F, kSpmNormal) + spm_settings();
}

}  // namespace heed
