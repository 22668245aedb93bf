#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace heed {

/// How a line ends, quotes and brackets behind the mark left out.
enum class LineEndMark : std::uint8_t { kNone, kStop, kQuestion, kExclamation, kPause, kOther };
inline constexpr std::size_t kNumLineEndMarks = 6;

/// What a line has in common with its translation, whatever the two languages are.
struct LineTraits {
  /// Natural logarithm of 1 + the characters that are no white space.
  float log_length = 0;
  LineEndMark end_mark = LineEndMark::kNone;
  bool is_blank = true;
  /// Sets of hashes, a bit for each: numbers (digits of any script), and words of four or more
  /// Latin letters and digits in either case, which names and loan words share across languages.
  std::uint64_t numbers = 0;
  std::array<std::uint64_t, 4> words = {};
  int num_numbers = 0, num_words = 0;  // bits in these
};

/// Of any text; ill-formed UTF-8 counts as U+FFFD.
LineTraits line_traits(std::string_view line);

}  // namespace heed
