#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "app/translate/line_splitter.h"
#include "data/case_folding.h"
#include "data/text_cutter.h"
#include "data/text_units.h"
#include "data/utf8.h"
#include "data/white_space.h"
#include "tests/fuzz/fuzz_target.h"

namespace heed {
namespace {

std::string encode(std::span<const char32_t> code_points) {
  std::string text;
  for (const char32_t code_point : code_points) append_code_point(text, code_point);
  return text;
}

void check_utf8(std::string_view bytes, const std::string& text) {
  const std::size_t invalid = first_invalid_utf8(bytes);
  require_property(is_valid_utf8(bytes) == (invalid == std::string_view::npos), "one of two");
  require_property(is_valid_utf8(bytes.substr(0, invalid)), "what is ahead is valid");
  require_property(is_valid_utf8(text), "what is replaced is valid");
  require_property((text == bytes) == is_valid_utf8(bytes), "valid text stays as it is");
  const std::vector<char32_t> points = to_code_points(bytes);
  require_property(encode(points) == text, "code points spell the text");
  require_property(code_point_count(text) == points.size(), "code points are counted");
  std::size_t end = text.size();
  for (std::size_t i = points.size(); i > 0; --i)
    require_property(decode_code_point_before(text, end) == points[i - 1], "read from the end");
  require_property(end == 0, "read from the end");
}

/// Ranges in order, not empty, none inside a character.
template <typename Range>
void check_ranges(std::string_view text, const std::vector<Range>& ranges, bool leave_space_only) {
  std::size_t end = 0;
  const auto check_gap = [&](std::size_t next) {
    require_property(next >= end && next <= text.size(), "ranges are in order");
    require_property(!leave_space_only || is_blank(text.substr(end, next - end)),
                     "only white space is left out");
  };
  for (const Range& range : ranges) {
    check_gap(range.begin);
    require_property(range.begin < range.end && range.end <= text.size(), "no range is empty");
    require_property(is_valid_utf8(text.substr(range.begin, range.end - range.begin)),
                     "characters stay whole");
    end = range.end;
  }
  check_gap(text.size());
}

void check_units(std::string_view text) {
  for (const auto& units : {split_words(text), split_characters(text), split_word_parts(text)}) {
    check_ranges(text, units, true);
    for (const TextUnit& unit : units)
      require_property(text.substr(unit.begin, unit.end - unit.begin) == unit.text,
                       "a unit is its bytes");
  }
  const UnitLine joined = join_words(text, "");
  check_ranges(joined.text, joined.units, true);
  require_property(joined.units.size() == split_words(text).size(), "joined words stay words");
}

void check_cuts(std::string_view text) {
  static const TextCutter cutter("en");
  for (const TextLevel level : {TextLevel::kSentence, TextLevel::kClause, TextLevel::kWord,
                                TextLevel::kCharacter, TextLevel::kCodePoint}) {
    const std::vector<TextRange> ranges = cutter.cut(text, level);
    check_ranges(text, ranges, true);
    for (const TextRange& range : ranges)
      require_property(!is_blank(range.of(text)), "no stretch is white space");
  }
}

std::vector<std::size_t> code_point_starts(std::string_view text) {
  std::vector<std::size_t> starts;
  for (std::size_t at = 0; at < text.size(); decode_code_point(text, at)) starts.push_back(at);
  return starts;
}

/// With a piece for each code point.
void check_parts(std::string_view text, const SplitOptions& options) {
  const LineSplitter splitter("de", options, code_point_starts);
  const SplitLine line = splitter.split(text, code_point_count(text));
  require_property(!line.parts.empty(), "there is a part");
  if (line.parts.size() == 1) {
    require_property(line.parts.front().of(text).size() <= text.size(), "a part of the line");
  } else {
    check_ranges(text, line.parts, true);
  }
  for (const TextRange& part : line.parts)
    require_property(options.max_pieces == 0 ||
                         code_point_count(part.of(text)) <= options.max_pieces || is_blank(text),
                     "no part is too long");
}

void run(std::string_view input) {
  InputBytes bytes(input);
  const unsigned bits = bytes.take();
  const std::string text = replace_invalid_utf8(bytes.rest());
  check_utf8(bytes.rest(), text);
  const std::string folded = fold_case(text);
  require_property(is_valid_utf8(folded) && fold_case(folded) == folded, "folding is done once");
  check_units(text);
  check_cuts(text);
  check_parts(text, {(bits & 1) != 0, bits >> 1});
}

const FuzzRegistration kRegistration("text", run);

}  // namespace
}  // namespace heed
