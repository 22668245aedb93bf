#include "data/character_entities.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "data/ascii.h"
#include "data/line_breaks.h"

namespace heed {
namespace {

// U+00A0 to U+00FF in order.
constexpr std::array<std::string_view, 96> kLatin1Names{
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",
    "copy",   "ordf",   "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn",
    "sup2",   "sup3",   "acute",  "micro",  "para",   "middot", "cedil",  "sup1",   "ordm",
    "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc",  "Atilde",
    "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",   "Igrave",
    "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde",
    "Ouml",   "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",
    "szlig",  "agrave", "aacute", "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil",
    "egrave", "eacute", "ecirc",  "euml",   "igrave", "iacute", "icirc",  "iuml",   "eth",
    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide", "oslash", "ugrave",
    "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};

constexpr std::array<std::pair<std::string_view, char32_t>, 26> kOtherNames{
    {{"amp", U'&'},         {"lt", U'<'},          {"gt", U'>'},          {"quot", U'"'},
     {"apos", U'\''},       {"ndash", U'\u2013'},  {"mdash", U'\u2014'},  {"lsquo", U'\u2018'},
     {"rsquo", U'\u2019'},  {"sbquo", U'\u201A'},  {"ldquo", U'\u201C'},  {"rdquo", U'\u201D'},
     {"bdquo", U'\u201E'},  {"dagger", U'\u2020'}, {"bull", U'\u2022'},   {"hellip", U'\u2026'},
     {"permil", U'\u2030'}, {"lsaquo", U'\u2039'}, {"rsaquo", U'\u203A'}, {"euro", U'\u20AC'},
     {"trade", U'\u2122'},  {"minus", U'\u2212'},  {"ensp", U'\u2002'},   {"emsp", U'\u2003'},
     {"oelig", U'\u0153'},  {"OElig", U'\u0152'}}};

bool is_printing_character(unsigned long number) {
  const bool is_control = number < 0x20 || (number >= 0x7F && number < 0xA0);
  const bool is_surrogate = number >= 0xD800 && number <= 0xDFFF;
  return number <= 0x10FFFF && !is_control && !is_surrogate &&
         !is_line_break(static_cast<char32_t>(number));
}

std::optional<char32_t> code_point_of_number(std::string_view digits) {
  int base = 10;
  if (digits.starts_with('x') || digits.starts_with('X')) {
    base = 16;
    digits.remove_prefix(1);
  }
  unsigned long number = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  if (!is_printing_character(number)) return std::nullopt;
  return static_cast<char32_t>(number);
}

std::optional<char32_t> code_point_of_name(std::string_view name) {
  const auto latin = std::find(kLatin1Names.begin(), kLatin1Names.end(), name);
  if (latin != kLatin1Names.end())
    return U'\u00A0' + static_cast<char32_t>(latin - kLatin1Names.begin());
  for (const auto& [other, code_point] : kOtherNames)
    if (other == name) return code_point;
  return std::nullopt;
}

}  // namespace

std::size_t entity_reference_length(std::string_view text) {
  if (text.size() < 3 || text[0] != '&') return 0;
  std::size_t end = 1;
  if (text[1] == '#') {
    ++end;
  } else if (!is_ascii_letter(text[1]) && text[1] != '_') {
    return 0;
  }
  const std::size_t name = end;
  end = skip(text, end, is_ascii_name);
  return end > name && end < text.size() && text[end] == ';' ? end + 1 : 0;
}

std::optional<CharacterEntity> read_character_entity(std::string_view text) {
  const std::size_t length = entity_reference_length(text);
  if (length == 0) return std::nullopt;
  const std::string_view name = text.substr(1, length - 2);
  const auto code_point =
      name[0] == '#' ? code_point_of_number(name.substr(1)) : code_point_of_name(name);
  if (!code_point) return std::nullopt;
  return CharacterEntity{length, *code_point};
}

}  // namespace heed
