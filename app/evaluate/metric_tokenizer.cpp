#include "app/evaluate/metric_tokenizer.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/uchar.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <utility>

#include "data/ascii.h"
#include "data/replace_all.h"
#include "data/utf8.h"

namespace heed {
namespace {

enum class Side { kBefore, kAfter };

/// Wherever two neighbours match, puts a space between them and another on `side` of the pair.
/// A matched pair is used up: its second character starts no other pair.
template <class String, class First, class Second>
String separate_pairs(const String& text, First is_first, Second is_second, Side side) {
  String result;
  result.reserve(text.size() + text.size() / 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i + 1 == text.size() || !is_first(text[i]) || !is_second(text[i + 1])) {
      result += text[i];
      continue;
    }
    if (side == Side::kBefore) result += ' ';
    result += text[i];
    result += ' ';
    result += text[++i];
    if (side == Side::kAfter) result += ' ';
  }
  return result;
}

/// Puts a space on both sides of every character that matches.
template <class String, class Predicate>
String pad_each(const String& text, Predicate matches) {
  String result;
  result.reserve(text.size() + text.size() / 2);
  for (const auto character : text) {
    if (!matches(character)) {
      result += character;
      continue;
    }
    result += ' ';
    result += character;
    result += ' ';
  }
  return result;
}

bool is_period_or_comma(char c) {
  return c == '.' || c == ',';
}

/// ASCII punctuation that 13a always sets apart: all but ' , - and the period.
bool is_13a_symbol(char c) {
  constexpr std::string_view kSymbols = "{|}~[\\]^_`!\"#$%&()*+:;<=>?@/";
  return kSymbols.find(c) != std::string_view::npos;
}

/// Bytes suffice: every rule names ASCII characters or "anything but a digit", and each byte of a
/// multi-byte sequence is just that.
std::string separate_13a(std::string_view segment) {
  std::string text(segment);
  for (const auto& [from, to] :
       {std::pair{"<skipped>", ""}, std::pair{"-\n", ""}, std::pair{"\n", " "},
        std::pair{"&quot;", "\""}, std::pair{"&amp;", "&"}, std::pair{"&lt;", "<"},
        std::pair{"&gt;", ">"}})
    text = replace_all(text, from, to);

  const auto is_no_digit = [](char c) { return !is_ascii_digit(c); };
  const auto is_hyphen = [](char c) { return c == '-'; };
  text = pad_each(' ' + text + ' ', is_13a_symbol);
  text = separate_pairs(text, is_no_digit, is_period_or_comma, Side::kAfter);
  text = separate_pairs(text, is_period_or_comma, is_no_digit, Side::kBefore);
  return separate_pairs(text, is_ascii_digit, is_hyphen, Side::kAfter);
}

template <std::uint32_t kCategories>
bool is_in(char32_t code_point) {
  return (U_MASK(u_charType(static_cast<UChar32>(code_point))) & kCategories) != 0;
}

std::string separate_intl(std::string_view segment) {
  const std::vector<char32_t> code_points = to_code_points(segment);
  std::u32string text(code_points.begin(), code_points.end());
  const auto is_no_number = [](char32_t c) { return !is_in<U_GC_N_MASK>(c); };
  text = separate_pairs(text, is_no_number, is_in<U_GC_P_MASK>, Side::kAfter);
  text = separate_pairs(text, is_in<U_GC_P_MASK>, is_no_number, Side::kBefore);
  text = pad_each(text, is_in<U_GC_S_MASK>);

  std::string result;
  result.reserve(segment.size() * 2);
  for (const char32_t code_point : text) append_code_point(result, code_point);
  return result;
}

std::vector<std::string> characters(std::string_view segment) {
  std::vector<std::string> tokens;
  for (std::size_t end = 0; end < segment.size();) {
    const std::size_t begin = end;
    if (is_metric_space(decode_code_point(segment, end))) continue;
    tokens.emplace_back(segment.substr(begin, end - begin));
  }
  return tokens;
}

std::string_view without_trailing_space(std::string_view text) {
  std::size_t kept = 0;
  for (std::size_t position = 0; position < text.size();) {
    if (!is_metric_space(decode_code_point(text, position))) kept = position;
  }
  return text.substr(0, kept);
}

std::vector<std::string> to_strings(const std::vector<std::string_view>& words) {
  return {words.begin(), words.end()};
}

std::string to_lower(const std::string& text) {
  std::string result;
  icu::StringByteSink<std::string> sink(&result);
  UErrorCode status = U_ZERO_ERROR;
  icu::CaseMap::utf8ToLower("", 0, text, sink, nullptr, status);
  if (U_FAILURE(status)) {
    throw std::runtime_error(std::string("cannot change text to lower case: ") +
                             u_errorName(status));
  }
  return result;
}

}  // namespace

std::string_view tokenizer_name(MetricTokenizer tokenizer) {
  switch (tokenizer) {
    case MetricTokenizer::k13a:
      return "13a";
    case MetricTokenizer::kIntl:
      return "intl";
    case MetricTokenizer::kChar:
      return "char";
    case MetricTokenizer::kNone:
      return "none";
  }
  throw std::logic_error("not a MetricTokenizer");
}

MetricTokenizer tokenizer_named(std::string_view name) {
  for (const MetricTokenizer tokenizer : kMetricTokenizers) {
    if (tokenizer_name(tokenizer) == name) return tokenizer;
  }
  throw std::invalid_argument("no tokenizer '" + std::string(name) +
                              "': choose 13a, intl, char or none");
}

bool is_metric_space(char32_t c) {
  if (c < 0x80) return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20);
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

std::vector<std::string_view> split_at_spaces(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t word_begin = 0;
  for (std::size_t end = 0; end < text.size();) {
    const std::size_t begin = end;
    if (!is_metric_space(decode_code_point(text, end))) continue;
    if (begin > word_begin) words.push_back(text.substr(word_begin, begin - word_begin));
    word_begin = end;
  }
  if (word_begin < text.size()) words.push_back(text.substr(word_begin));
  return words;
}

std::string prepare_segment(std::string_view text, bool lowercase) {
  std::string valid = is_valid_utf8(text) ? std::string(text) : replace_invalid_utf8(text);
  return lowercase ? to_lower(valid) : valid;
}

std::vector<std::string> tokenize_segment(std::string_view text, MetricTokenizer tokenizer) {
  // intl sets a mark apart when something that is no number follows: white space must not count.
  const std::string_view segment = without_trailing_space(text);
  switch (tokenizer) {
    case MetricTokenizer::k13a:
      return to_strings(split_at_spaces(separate_13a(segment)));
    case MetricTokenizer::kIntl:
      return to_strings(split_at_spaces(separate_intl(segment)));
    case MetricTokenizer::kChar:
      return characters(segment);
    case MetricTokenizer::kNone:
      return to_strings(split_at_spaces(segment));
  }
  throw std::logic_error("not a MetricTokenizer");
}

}  // namespace heed
