#include "data/utf8.h"

#include <cstdint>
#include <cstring>
#include <utility>

namespace heed {
namespace {

struct Sequence {
  std::size_t length;  // bytes of the sequence, or of its maximal well-formed start
  bool is_valid;
};

// Range of the second byte after each lead byte (Unicode Standard, table 3-7); the number of bytes
// is 0 for bytes that start nothing.
struct LeadByte {
  std::size_t length;
  unsigned char second_min;
  unsigned char second_max;
};

LeadByte classify_lead(unsigned char lead) {
  if (lead < 0x80) return {1, 0, 0};
  if (lead < 0xC2) return {0, 0, 0};
  if (lead < 0xE0) return {2, 0x80, 0xBF};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead < 0xF0) return {3, 0x80, 0xBF};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead < 0xF4) return {4, 0x80, 0xBF};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

unsigned char byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

Sequence scan_sequence(std::string_view text, std::size_t start) {
  const LeadByte lead = classify_lead(byte_at(text, start));
  if (lead.length == 0) return {1, false};
  for (std::size_t k = 1; k < lead.length; ++k) {
    if (start + k >= text.size()) return {k, false};
    const unsigned char byte = byte_at(text, start + k);
    const unsigned char low = k == 1 ? lead.second_min : 0x80;
    const unsigned char high = k == 1 ? lead.second_max : 0xBF;
    if (byte < low || byte > high) return {k, false};
  }
  return {lead.length, true};
}

bool is_ascii_block(const char* bytes) {
  std::uint64_t block = 0;
  std::memcpy(&block, bytes, sizeof block);
  return (block & 0x8080808080808080ULL) == 0;
}

std::size_t find_invalid(std::string_view text, std::size_t start) {
  std::size_t i = start;
  while (i < text.size()) {
    if (i + 8 <= text.size() && is_ascii_block(text.data() + i)) {
      i += 8;
      continue;
    }
    const Sequence sequence = scan_sequence(text, i);
    if (!sequence.is_valid) return i;
    i += sequence.length;
  }
  return std::string_view::npos;
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  return first_invalid_utf8(text) == std::string_view::npos;
}

std::size_t first_invalid_utf8(std::string_view text) {
  return find_invalid(text, 0);
}

std::string replace_invalid_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  std::size_t start = 0;
  for (std::size_t bad = find_invalid(text, 0); bad != std::string_view::npos;
       bad = find_invalid(text, start)) {
    result.append(text.substr(start, bad - start));
    append_code_point(result, kReplacementCharacter);
    start = bad + scan_sequence(text, bad).length;
  }
  result.append(text.substr(start));
  return result;
}

char32_t decode_code_point(std::string_view text, std::size_t& position) {
  const Sequence sequence = scan_sequence(text, position);
  const std::size_t start = std::exchange(position, position + sequence.length);
  if (!sequence.is_valid) return kReplacementCharacter;
  const unsigned char lead = byte_at(text, start);
  if (sequence.length == 1) return lead;
  char32_t code_point = lead & (0x7Fu >> sequence.length);
  for (std::size_t k = 1; k < sequence.length; ++k) {
    code_point = (code_point << 6) | (byte_at(text, start + k) & 0x3Fu);
  }
  return code_point;
}

char32_t decode_code_point_before(std::string_view text, std::size_t& position) {
  constexpr unsigned kContinuationMask = 0xC0;
  constexpr unsigned kContinuation = 0x80;
  do --position;
  while (position > 0 &&
         (static_cast<unsigned char>(text[position]) & kContinuationMask) == kContinuation);
  std::size_t at = position;
  return decode_code_point(text, at);
}

void append_code_point(std::string& text, char32_t code_point) {
  const auto append = [&text](char32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    append(code_point);
    return;
  }
  if (code_point < 0x800) {
    append(0xC0 | (code_point >> 6));
  } else {
    if (code_point < 0x10000) {
      append(0xE0 | (code_point >> 12));
    } else {
      append(0xF0 | (code_point >> 18));
      append(0x80 | ((code_point >> 12) & 0x3F));
    }
    append(0x80 | ((code_point >> 6) & 0x3F));
  }
  append(0x80 | (code_point & 0x3F));
}

std::size_t code_point_count(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

std::vector<char32_t> to_code_points(std::string_view text) {
  std::vector<char32_t> code_points;
  code_points.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) code_points.push_back(decode_code_point(text, i));
  return code_points;
}

}  // namespace heed
