#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace heed {

/// A writing system: Unicode's script, with Han, kana and Bopomofo as one.
using Writing = std::uint8_t;
inline constexpr Writing kNoWriting = 0;  // of characters that many share: digits, punctuation
inline constexpr std::size_t kNumWritings = 256;

Writing writing_of(char32_t code_point);
/// "Latin", "Cyrillic", "Chinese or Japanese".
std::string writing_name(Writing writing);

/// How many letters of which writings a line has; of more than four writings those met first.
class LetterCounts {
 public:
  struct Entry {
    Writing writing = kNoWriting;
    std::uint32_t letters = 0;
  };

  void add(Writing writing, std::uint32_t letters = 1);
  const std::array<Entry, 4>& entries() const { return entries_; }
  std::uint32_t total() const;

 private:
  std::array<Entry, 4> entries_ = {};
};

/// In which writings a text is.
class ScriptProfile {
 public:
  void add(const LetterCounts& line);

  /// The writing of most of a line's letters where the text hardly ever is in it, kNoWriting
  /// otherwise. Lines of few letters, as names and formulas are, are never wrong.
  Writing wrong_writing(const LetterCounts& line) const;

 private:
  std::array<std::uint64_t, kNumWritings> letters_ = {};
  std::uint64_t total_ = 0;
};

}  // namespace heed
