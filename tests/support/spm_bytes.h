#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "data/wire_format.h"

namespace heed {

// Protocol buffer fields, for SentencePiece models made by hand.

inline std::string number_field(std::uint64_t number, std::uint64_t value) {
  std::string message;
  append_number(message, number, value);
  return message;
}

inline std::string bytes_field(std::uint64_t number, std::string_view bytes) {
  std::string message;
  append_bytes(message, number, bytes);
  return message;
}

inline std::string float_field(std::uint64_t number, float value) {
  std::string message;
  append_float(message, number, value);
  return message;
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
