#include "data/script_profile.h"

#include <unicode/uscript.h>

#include <algorithm>

namespace heed {
namespace {

constexpr std::uint32_t kFewestLetters = 12;
constexpr double kMostOfLine = 0.9;
constexpr double kUnusual = 0.1;  // of the text's letters

bool is_east_asian(UScriptCode script) {
  return script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA ||
         script == USCRIPT_BOPOMOFO;
}

}  // namespace

Writing writing_of(char32_t code_point) {
  const char32_t lower = code_point | 0x20;
  if (code_point < 0x80) {
    return lower >= U'a' && lower <= U'z' ? static_cast<Writing>(USCRIPT_LATIN) : kNoWriting;
  }
  UErrorCode error = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(static_cast<UChar32>(code_point), &error);
  if (U_FAILURE(error) || script == USCRIPT_COMMON || script == USCRIPT_INHERITED ||
      script == USCRIPT_UNKNOWN || script >= static_cast<int>(kNumWritings))
    return kNoWriting;
  return static_cast<Writing>(is_east_asian(script) ? USCRIPT_HAN : script);
}

std::string writing_name(Writing writing) {
  if (writing == static_cast<Writing>(USCRIPT_HAN)) return "Chinese or Japanese";
  return uscript_getName(static_cast<UScriptCode>(writing));
}

void LetterCounts::add(Writing writing, std::uint32_t letters) {
  if (writing == kNoWriting) return;
  for (Entry& entry : entries_) {
    if (entry.letters > 0 && entry.writing != writing) continue;
    entry.writing = writing;
    entry.letters += letters;
    return;
  }
}

std::uint32_t LetterCounts::total() const {
  std::uint32_t sum = 0;
  for (const Entry& entry : entries_) sum += entry.letters;
  return sum;
}

void ScriptProfile::add(const LetterCounts& line) {
  for (const LetterCounts::Entry& entry : line.entries()) {
    letters_[entry.writing] += entry.letters;
    total_ += entry.letters;
  }
}

Writing ScriptProfile::wrong_writing(const LetterCounts& line) const {
  const auto& entries = line.entries();
  const auto most =
      *std::max_element(entries.begin(), entries.end(),
                        [](const auto& a, const auto& b) { return a.letters < b.letters; });
  if (most.letters < kFewestLetters || most.letters < kMostOfLine * line.total()) return kNoWriting;
  const double share = static_cast<double>(letters_[most.writing]) /
                       static_cast<double>(std::max<std::uint64_t>(total_, 1));
  return share < kUnusual ? most.writing : kNoWriting;
}

}  // namespace heed
