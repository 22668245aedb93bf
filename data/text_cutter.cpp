#include "data/text_cutter.h"

#include <fmt/format.h>
#include <unicode/brkiter.h>
#include <unicode/filteredbrk.h>
#include <unicode/uchar.h>
#include <unicode/utext.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <stdexcept>

#include "data/language.h"
#include "data/utf8.h"
#include "data/white_space.h"

namespace heed {
namespace {

using IteratorPtr = std::unique_ptr<icu::BreakIterator>;

void require_icu(UErrorCode status) {
  if (U_FAILURE(status))
    throw std::runtime_error(fmt::format("ICU cannot cut text: {}", u_errorName(status)));
}

IteratorPtr open_sentences(const icu::Locale& locale) {
  UErrorCode status = U_ZERO_ERROR;
  IteratorPtr plain(icu::BreakIterator::createSentenceInstance(locale, status));
  require_icu(status);
  const std::unique_ptr<icu::FilteredBreakIteratorBuilder> builder(
      icu::FilteredBreakIteratorBuilder::createInstance(locale, status));
  if (status == U_MISSING_RESOURCE_ERROR) return plain;  // no abbreviations of that language
  require_icu(status);
  IteratorPtr filtered(builder->build(plain.release(), status));
  require_icu(status);
  return filtered;
}

/// Where stretches begin; the first at 0.
using Starts = std::vector<std::size_t>;

Starts find_breaks(std::string_view text, icu::BreakIterator& iterator) {
  UErrorCode status = U_ZERO_ERROR;
  UText utext = UTEXT_INITIALIZER;
  utext_openUTF8(&utext, text.data(), static_cast<std::int64_t>(text.size()), &status);
  iterator.setText(&utext, status);
  require_icu(status);
  Starts starts;
  for (int at = iterator.first(); at != icu::BreakIterator::DONE; at = iterator.next())
    if (static_cast<std::size_t>(at) < text.size()) starts.push_back(static_cast<std::size_t>(at));
  utext_close(&utext);
  return starts;
}

// In text that somebody tokenized, where small letters may begin a sentence: behind a lone full
// stop.
void add_starts_behind_lone_stops(std::string_view text, Starts& starts) {
  const std::size_t found = starts.size();
  for (std::size_t at = text.find(" . "); at != std::string_view::npos;
       at = text.find(" . ", at + 2))
    starts.push_back(at + 3);
  const auto middle = starts.begin() + static_cast<std::ptrdiff_t>(found);
  std::inplace_merge(starts.begin(), middle, starts.end());
}

// UAX #29 leaves what opens a bracket to the sentence that ends right before it, as in
// 犬だ！「鳥。」
Starts find_sentences(std::string_view text, icu::BreakIterator& iterator) {
  Starts starts = find_breaks(text, iterator);
  for (std::size_t& start : starts) {
    for (std::size_t at = start; at > 0; start = at) {
      const char32_t c = decode_code_point_before(text, at);
      if (u_charType(static_cast<UChar32>(c)) != U_START_PUNCTUATION) break;
    }
  }
  add_starts_behind_lone_stops(text, starts);
  return starts;
}

bool is_clause_mark(char32_t c) {
  constexpr std::u32string_view kMarks =
      U",;:.!?\u2026\u2014\u3001\u3002\uFF0C\uFF1B\uFF1A\uFF0E\uFF01\uFF1F\uFF61\uFF64"
      U"\u060C\u061B\u061F\u06D4\u0964\u0965\u104A\u104B\u17D4\u055D\u0589\u1362\u1363\u1364";
  return kMarks.find(c) != std::u32string_view::npos;
}

bool is_closing(char32_t c) {
  const auto type = u_charType(static_cast<UChar32>(c));
  return type == U_END_PUNCTUATION || type == U_FINAL_PUNCTUATION || c == U'"' || c == U'\'';
}

// A comma in a number ends no clause: white space follows a mark, or the writing has none.
Starts find_clauses(std::string_view text) {
  Starts starts{0};
  bool is_behind_mark = false;
  bool is_unspaced = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t c = decode_code_point(text, at);
    if (is_clause_mark(c)) {
      is_behind_mark = true;
      is_unspaced = is_of_unspaced_writing(c);
    } else if (is_behind_mark && !is_closing(c)) {
      if (is_unspaced || is_white_space(c)) starts.push_back(begin);
      is_behind_mark = false;
    }
  }
  return starts;
}

Starts find_words(std::string_view text) {
  Starts starts{0};
  bool is_behind_space = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const bool is_space = is_white_space(decode_code_point(text, at));
    if (is_behind_space && !is_space) starts.push_back(begin);
    is_behind_space = is_space;
  }
  return starts;
}

Starts find_characters(std::string_view text) {
  // Opening an iterator takes far longer than cutting a line, so each thread keeps one.
  thread_local const IteratorPtr iterator = [] {
    UErrorCode status = U_ZERO_ERROR;
    IteratorPtr opened(icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
    require_icu(status);
    return opened;
  }();
  return find_breaks(text, *iterator);
}

Starts find_code_points(std::string_view text) {
  Starts starts;
  for (std::size_t at = 0; at < text.size();) {
    starts.push_back(at);
    decode_code_point(text, at);
  }
  return starts;
}

TextRange without_white_space(std::string_view text, TextRange range) {
  TextRange result{range.end, range.end};
  for (std::size_t at = range.begin; at < range.end;) {
    const std::size_t begin = at;
    if (is_white_space(decode_code_point(text, at))) continue;
    result.begin = std::min(result.begin, begin);
    result.end = at;
  }
  return result;
}

bool has_letter_or_digit(std::string_view text) {
  for (std::size_t at = 0; at < text.size();)
    if (u_isalnum(static_cast<UChar32>(decode_code_point(text, at)))) return true;
  return false;
}

// Joins a stretch of marks alone to the one before it, or at the beginning to the one behind it.
void join_marks(std::string_view text, std::vector<TextRange>& ranges) {
  std::vector<TextRange> joined;
  bool is_open = false;  // the last of `joined` has nothing but marks
  for (const TextRange& range : ranges) {
    const bool has_words = has_letter_or_digit(range.of(text));
    if (joined.empty() || (has_words && !is_open)) {
      joined.push_back(range);
      is_open = !has_words;
    } else {
      joined.back().end = range.end;
      is_open = is_open && !has_words;
    }
  }
  ranges = std::move(joined);
}

}  // namespace

struct TextCutter::Sentences {
  explicit Sentences(std::string of_language) : language(std::move(of_language)) {}

  std::string language;
  std::once_flag opened = {};
  IteratorPtr iterator = {};

  IteratorPtr make_iterator() {
    std::call_once(opened, [&] {
      iterator = open_sentences(icu::Locale(language_code(language).value_or("").c_str()));
    });
    return IteratorPtr(iterator->clone());
  }
};

TextCutter::TextCutter(std::string language)
    : sentences_(std::make_unique<Sentences>(std::move(language))) {}
TextCutter::~TextCutter() = default;

std::vector<TextRange> TextCutter::cut(std::string_view text, TextLevel level) const {
  Starts starts;
  switch (level) {
    case TextLevel::kSentence:
      starts = find_sentences(text, *sentences_->make_iterator());
      break;
    case TextLevel::kClause:
      starts = find_clauses(text);
      break;
    case TextLevel::kWord:
      starts = find_words(text);
      break;
    case TextLevel::kCharacter:
      starts = find_characters(text);
      break;
    case TextLevel::kCodePoint:
      starts = find_code_points(text);
      break;
  }
  starts.push_back(text.size());
  std::vector<TextRange> ranges;
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
    const TextRange range = without_white_space(text, {starts[i], starts[i + 1]});
    if (range.begin < range.end) ranges.push_back(range);
  }
  if (level == TextLevel::kSentence) join_marks(text, ranges);
  return ranges;
}

}  // namespace heed
