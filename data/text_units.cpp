#include "data/text_units.h"

#include <fmt/format.h>
#include <unicode/brkiter.h>
#include <unicode/uchar.h>
#include <unicode/utext.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "data/utf8.h"
#include "data/white_space.h"

namespace heed {
namespace {

void require_icu(UErrorCode status) {
  if (U_FAILURE(status)) {
    throw std::runtime_error(fmt::format("ICU cannot split text: {}", u_errorName(status)));
  }
}

bool is_separator(char c) {
  return c == ' ' || ('\t' <= c && c <= '\r');
}

using IteratorPtr = std::unique_ptr<icu::BreakIterator>;

using OpenIterator = icu::BreakIterator* (*)(const icu::Locale&, UErrorCode&);

IteratorPtr open_iterator(OpenIterator open) {
  UErrorCode status = U_ZERO_ERROR;
  IteratorPtr iterator(open(icu::Locale::getRoot(), status));
  require_icu(status);
  return iterator;
}

TextUnit make_unit(std::string_view line, std::size_t begin, std::size_t end) {
  return {std::string(line.substr(begin, end - begin)), begin, end};
}

// What is between the breaks of `iterator`, white space left out.
std::vector<TextUnit> split_at_breaks(std::string_view line, icu::BreakIterator& iterator) {
  UErrorCode status = U_ZERO_ERROR;
  UText text = UTEXT_INITIALIZER;
  utext_openUTF8(&text, line.data(), static_cast<std::int64_t>(line.size()), &status);
  iterator.setText(&text, status);
  require_icu(status);
  std::vector<TextUnit> units;
  auto begin = static_cast<std::size_t>(iterator.first());
  for (int next = iterator.next(); next != icu::BreakIterator::DONE; next = iterator.next()) {
    const auto end = static_cast<std::size_t>(next);
    if (!is_blank(line.substr(begin, end - begin))) units.push_back(make_unit(line, begin, end));
    begin = end;
  }
  utext_close(&text);
  return units;
}

// The parts with those made one that touch and are no punctuation.
std::vector<TextUnit> join_letters(std::string_view line, const std::vector<TextUnit>& parts) {
  std::vector<TextUnit> units;
  bool is_word_open = false;
  for (const TextUnit& part : parts) {
    const bool is_word = !is_punctuation(part);
    if (is_word && is_word_open && units.back().end == part.begin) {
      units.back() = make_unit(line, units.back().begin, part.end);
    } else {
      units.push_back(part);
    }
    is_word_open = is_word;
  }
  return units;
}

bool is_control(TokenId id) {
  return id == kPadId || id == kBosId || id == kEosId;
}

bool is_same_range(const Piece& piece, const TextUnit& unit) {
  return piece.begin == unit.begin && piece.end == unit.end;
}

std::vector<int> units_of_piece(const Piece& piece, std::span<const TextUnit> units) {
  if (is_control(piece.id)) return {};
  const auto first = std::partition_point(
      units.begin(), units.end(), [&](const TextUnit& unit) { return unit.end <= piece.begin; });
  std::vector<int> indices;
  for (auto unit = first; unit != units.end(); ++unit) {
    if (unit != first && unit->begin >= piece.end) break;
    indices.push_back(static_cast<int>(unit - units.begin()));
  }
  return indices;
}

}  // namespace

std::vector<TextUnit> split_words(std::string_view line) {
  std::vector<TextUnit> words;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < line.size();) {
    const std::size_t start = i++;
    if (!is_separator(line[start])) continue;
    if (start > begin) words.push_back(make_unit(line, begin, start));
    begin = i;
  }
  if (line.size() > begin) words.push_back(make_unit(line, begin, line.size()));
  return words;
}

std::vector<TextUnit> split_characters(std::string_view line) {
  // Opening an iterator takes far longer than splitting a line, so each thread keeps one.
  thread_local const IteratorPtr iterator =
      open_iterator(icu::BreakIterator::createCharacterInstance);
  return split_at_breaks(line, *iterator);
}

namespace {

// Words of Chinese and Japanese are two or three characters long, what they put between spaces is
// much longer.
bool is_segmented(std::string_view line) {
  constexpr std::size_t kLongestMean = 4;
  const std::size_t words = split_words(line).size();
  return words > 1 && split_characters(line).size() <= kLongestMean * words;
}

}  // namespace

std::vector<TextUnit> split_word_parts(std::string_view line) {
  thread_local const IteratorPtr iterator = open_iterator(icu::BreakIterator::createWordInstance);
  const std::vector<TextUnit> parts = split_at_breaks(line, *iterator);
  return is_segmented(line) ? join_letters(line, parts) : parts;
}

std::vector<TextUnit> piece_units(std::span<const Piece> pieces) {
  std::vector<TextUnit> units;
  units.reserve(pieces.size());
  for (const Piece& piece : pieces) units.push_back({piece.text, piece.begin, piece.end});
  return units;
}

std::vector<TextUnit> split_units(std::string_view line, UnitKind kind,
                                  std::span<const Piece> pieces) {
  switch (kind) {
    case UnitKind::kWord:
      return split_words(line);
    case UnitKind::kCharacter:
      return split_characters(line);
    case UnitKind::kPiece:
      break;
  }
  return piece_units(pieces);
}

bool is_punctuation(const TextUnit& unit) {
  constexpr char32_t kSpaceMark = 0x2581;
  bool has_some = false;
  for (const char32_t code_point : to_code_points(unit.text)) {
    if (code_point == kSpaceMark) continue;
    if (!u_ispunct(static_cast<UChar32>(code_point))) return false;
    has_some = true;
  }
  return has_some;
}

UnitLine join_words(std::string_view segmented_line, std::string_view separator) {
  UnitLine joined{{}, split_words(segmented_line)};
  for (TextUnit& word : joined.units) {
    if (&word != &joined.units.front()) joined.text += separator;
    word.begin = joined.text.size();
    joined.text += word.text;
    word.end = joined.text.size();
  }
  return joined;
}

std::vector<std::vector<int>> map_pieces_to_units(std::span<const Piece> pieces,
                                                  std::span<const TextUnit> units) {
  const bool are_pieces =
      std::equal(pieces.begin(), pieces.end(), units.begin(), units.end(), is_same_range);
  std::vector<std::vector<int>> indices;
  indices.reserve(pieces.size());
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    indices.push_back(are_pieces ? std::vector<int>{static_cast<int>(i)}
                                 : units_of_piece(pieces[i], units));
  }
  return indices;
}

}  // namespace heed
