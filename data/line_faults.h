#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "data/script_profile.h"

namespace heed {

/// What can be wrong within a line of text.
enum class LineFault : std::uint8_t {
  kInvalidUtf8,
  kNul,
  kReplacement,    // U+FFFD: a character was lost earlier
  kMojibake,       // UTF-8 that was read as Windows-1252 or Latin-1: "Ã©" for "é"
  kByteOrderMark,  // U+FEFF
  kOddBreak,  // what some programs take for the end of a line: CR, VT, FF, FS, GS, RS, NEL, U+2028,
              // U+2029
  kControl,   // other control characters (not TAB) and noncharacters
  kInvisible,  // zero-width spaces and joiners of words, soft hyphens, bidirectional overrides,
               // tags
};
inline constexpr std::size_t kNumLineFaults = 8;

constexpr std::uint32_t fault_bit(LineFault fault) {
  return std::uint32_t{1} << static_cast<unsigned>(fault);
}

/// What one look at a line tells.
struct LineScan {
  std::uint32_t faults = 0;    // of fault_bit
  std::size_t characters = 0;  // that are no white space
  LetterCounts letters;

  bool is_blank() const { return characters == 0; }
  bool has(LineFault fault) const { return (faults & fault_bit(fault)) != 0; }
};

/// Zero-width spaces are no fault in a writing without spaces (Thai, Khmer, Lao, Burmese), nor are
/// joiners and direction marks, which Persian, Indic and Hebrew spelling and emoji need.
LineScan scan_line(std::string_view line);

/// The byte at which `fault` first shows; npos where it doesn't.
std::size_t find_fault(std::string_view line, LineFault fault);

/// `line` without its faults: mojibake read as what it was, odd breaks (but not at the line's ends)
/// as a space, byte-order marks, control and invisible characters dropped. Nothing where something
/// can't be told: ill-formed UTF-8, NUL, U+FFFD, mojibake in part of the line.
/// Only `faults` (bits as in LineScan) are looked at.
std::optional<std::string> repair_line(std::string_view line,
                                       std::uint32_t faults = ~std::uint32_t{0});

}  // namespace heed
