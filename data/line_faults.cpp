#include "data/line_faults.h"

#include <unicode/uchar.h>

#include "data/language.h"
#include "data/line_breaks.h"
#include "data/mojibake.h"
#include "data/utf8.h"
#include "data/white_space.h"

namespace heed {
namespace {

constexpr char32_t kByteOrderMark = 0xFEFF;
constexpr char32_t kZeroWidthSpace = 0x200B;

constexpr std::uint32_t kBeyondRepair = fault_bit(LineFault::kInvalidUtf8) |
                                        fault_bit(LineFault::kNul) |
                                        fault_bit(LineFault::kReplacement);

bool is_control(char32_t c) {
  if (c < 0x20) return c != '\t' && c != 0;
  if (c >= 0x7F && c < 0xA0) return true;
  return (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
}

bool is_invisible(char32_t c) {
  return c == 0xAD || c == kZeroWidthSpace || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || (c >= 0xFFF9 && c <= 0xFFFB) || c == 0xE0001;
}

/// The fault of a single character, as a bit; 0: none. `c` is decoded, so U+FFFD may stand for
/// ill-formed bytes.
std::uint32_t fault_of(char32_t c) {
  if (c >= 0x20 && c < 0x7F) return 0;
  if (c == 0) return fault_bit(LineFault::kNul);
  if (is_line_break(c)) return fault_bit(LineFault::kOddBreak);
  if (is_control(c)) return fault_bit(LineFault::kControl);
  if (c < 0xAD) return 0;
  if (c == kByteOrderMark) return fault_bit(LineFault::kByteOrderMark);
  if (c == kReplacementCharacter) return fault_bit(LineFault::kReplacement);
  return is_invisible(c) ? fault_bit(LineFault::kInvisible) : 0;
}

/// Characters of its own, of a line that is valid UTF-8.
std::uint32_t fault_at(std::string_view line, std::size_t start, std::size_t end, char32_t c) {
  if (c == kReplacementCharacter && !is_valid_utf8(line.substr(start, end - start)))
    return fault_bit(LineFault::kInvalidUtf8);
  return fault_of(c);
}

bool has_unspaced_letters(std::string_view line) {
  for (std::size_t at = 0; at < line.size();) {
    const char32_t c = decode_code_point(line, at);
    if (u_isalpha(static_cast<UChar32>(c)) != 0 && is_of_unspaced_writing(c)) return true;
  }
  return false;
}

}  // namespace

LineScan scan_line(std::string_view line) {
  LineScan scan;
  std::uint32_t latin = 0;
  bool has_zero_width_space = false;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t start = at;
    const char32_t c = next_code_point(line, at);
    const std::uint32_t fault = fault_at(line, start, at, c);
    const bool is_visible = fault == 0 && !is_white_space(c);
    scan.characters += is_visible ? 1 : 0;
    has_zero_width_space |= c == kZeroWidthSpace;
    if (c != kZeroWidthSpace) scan.faults |= fault;
    if (!is_visible) continue;
    if (c >= 0x80)
      scan.letters.add(writing_of(c));
    else
      latin += writing_of(c) != kNoWriting ? 1 : 0;
  }
  if (latin > 0) scan.letters.add(writing_of(U'a'), latin);
  if (has_zero_width_space && !has_unspaced_letters(line))
    scan.faults |= fault_bit(LineFault::kInvisible);
  if (find_mojibake(line) != std::string_view::npos) scan.faults |= fault_bit(LineFault::kMojibake);
  return scan;
}

std::size_t find_fault(std::string_view line, LineFault fault) {
  if (fault == LineFault::kMojibake) return find_mojibake(line);
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t start = at;
    const char32_t c = decode_code_point(line, at);
    if ((fault_at(line, start, at, c) & fault_bit(fault)) != 0) return start;
  }
  return std::string_view::npos;
}

std::optional<std::string> repair_line(std::string_view line, std::uint32_t faults) {
  std::uint32_t found = scan_line(line).faults & faults;
  std::string text(line);
  if ((found & fault_bit(LineFault::kMojibake)) != 0) {
    const auto original = undo_mojibake(line);
    if (!original) return std::nullopt;
    text = *original;
    found = scan_line(text).faults & faults;
  }
  if ((found & (kBeyondRepair | fault_bit(LineFault::kMojibake))) != 0) return std::nullopt;
  if (found == 0) return text;
  std::string repaired;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const char32_t c = decode_code_point(text, at);
    if ((fault_of(c) & found) == 0)
      repaired.append(text, start, at - start);
    else if (is_line_break(c) && !repaired.empty() && at < text.size())
      repaired.push_back(' ');
  }
  return repaired;
}

}  // namespace heed
