#include "data/line_traits.h"

#include <unicode/uchar.h>

#include <bit>
#include <cmath>

#include "data/ascii.h"
#include "data/utf8.h"
#include "data/white_space.h"

namespace heed {
namespace {

constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15ULL;
constexpr std::size_t kShortestWord = 4;

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * kMultiplier;
  return hash ^ (hash >> 29);
}

/// Gathers the words and numbers of a line, one character after the other.
class TokenGatherer {
 public:
  explicit TokenGatherer(LineTraits& traits) : traits_(traits) {}

  void add_digit(int value) {
    number_ = mixed(number_, static_cast<std::uint64_t>(value) + 1);
    ++digits_;
    add_letter(static_cast<char32_t>('0' + value));
  }

  void add_letter(char32_t letter) {
    word_ = mixed(word_, letter);
    ++letters_;
  }

  void end_number() {
    if (digits_ > 0) traits_.numbers |= std::uint64_t{1} << (number_ >> 58);
    number_ = 0;
    digits_ = 0;
  }

  void end_word() {
    end_number();
    if (letters_ >= kShortestWord) {
      const std::uint64_t bit = word_ >> 56;
      traits_.words[bit / 64] |= std::uint64_t{1} << (bit % 64);
    }
    word_ = 0;
    letters_ = 0;
  }

 private:
  LineTraits& traits_;
  std::uint64_t word_ = 0, number_ = 0;
  std::size_t letters_ = 0, digits_ = 0;
};

LineEndMark end_mark_of(char32_t c) {
  switch (c) {
    case U'.':
    case U'…':
    case U'。':
    case U'．':
    case U'।':
    case U'۔':
    case U'։':
    case U'።':
      return LineEndMark::kStop;
    case U'?':
    case U'？':
    case U'؟':
    case U';':
      return LineEndMark::kQuestion;
    case U'!':
    case U'！':
      return LineEndMark::kExclamation;
    case U',':
    case U':':
    case U'、':
    case U'，':
    case U'：':
    case U'،':
    case U'；':
      return LineEndMark::kPause;
    default:
      return LineEndMark::kNone;
  }
}

bool closes(char32_t c) {
  const auto type = u_charType(static_cast<UChar32>(c));
  return c == U'"' || c == U'\'' || type == U_END_PUNCTUATION || type == U_FINAL_PUNCTUATION ||
         type == U_INITIAL_PUNCTUATION;
}

/// Digits continue a word (B747), letters end a number (20th).
void gather(char32_t c, TokenGatherer& tokens) {
  if (c < 0x80) {
    const char byte = static_cast<char>(c);
    if (is_ascii_digit(byte)) return tokens.add_digit(byte - '0');
    if (!is_ascii_letter(byte)) return tokens.end_word();
    tokens.end_number();
    return tokens.add_letter(c | 0x20);
  }
  const auto code = static_cast<UChar32>(c);
  if (const int digit = u_charDigitValue(code); digit >= 0) return tokens.add_digit(digit);
  constexpr char32_t kLastLatin = 0x24F;
  if (c > kLastLatin || u_isalpha(code) == 0) return tokens.end_word();
  tokens.end_number();
  tokens.add_letter(static_cast<char32_t>(u_foldCase(code, U_FOLD_CASE_DEFAULT)));
}

LineEndMark last_mark(std::string_view line) {
  LineEndMark result = LineEndMark::kNone;
  for (std::size_t at = line.size(); at > 0;) {
    const char32_t c = decode_code_point_before(line, at);
    if (is_white_space(c)) continue;
    result = end_mark_of(c);
    if (result != LineEndMark::kNone) return result;
    if (!closes(c)) return u_ispunct(static_cast<UChar32>(c)) != 0 ? LineEndMark::kOther : result;
  }
  return result;
}

}  // namespace

LineTraits line_traits(std::string_view line) {
  LineTraits traits;
  TokenGatherer tokens(traits);
  std::size_t characters = 0;
  for (std::size_t at = 0; at < line.size();) {
    const char32_t c = next_code_point(line, at);
    if (is_white_space(c)) {
      tokens.end_word();
      continue;
    }
    ++characters;
    gather(c, tokens);
  }
  tokens.end_word();
  traits.num_numbers = std::popcount(traits.numbers);
  for (const std::uint64_t part : traits.words) traits.num_words += std::popcount(part);
  traits.is_blank = characters == 0;
  traits.log_length = std::log(1.0F + static_cast<float>(characters));
  traits.end_mark = last_mark(line);
  return traits;
}

}  // namespace heed
