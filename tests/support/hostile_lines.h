#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "data/utf8.h"

namespace heed {

/// Lines (without their ends, and without line feeds) that have broken programs, the same for a
/// seed. Short ones above all; now and then one of up to `longest` bytes.
class HostileLines {
 public:
  explicit HostileLines(std::uint64_t seed, std::size_t longest = 100'000)
      : random_(seed), longest_(longest) {}

  std::vector<std::string> take(std::size_t count) {
    std::vector<std::string> lines;
    while (lines.size() < count) lines.push_back(next());
    return lines;
  }

  std::string next() {
    switch (below(16)) {
      case 0:
        return "";
      case 1:
        return some_of(kSpaces, 1 + below(6));
      case 2:
        return some_of(kBroken, 1 + below(4));
      case 3:
        return random_bytes(below(40));
      case 4:
        return pick(kMarks) + some_of(kWords, 2);
      case 5:
        return "e" + repeated("\u0301\u0489\u20DD", 1 + below(200));
      case 6:
        return some_of(kMarkup, 1 + below(12));
      case 7:
        return below(8) == 0 ? some_of(kMarkup, longest_ / 16) : some_of(kEntities, 1 + below(6));
      case 8:
        return below(8) == 0 ? repeated("x", below(longest_ / 10)) : some_of(kPieces, 1 + below(6));
      case 9:
        return below(16) == 0 ? some_of(kWords, longest_ / 4) : some_of(kWords, 30);
      case 10:
        return std::to_string(random_()) + some_of(kWords, 1);
      default:
        return mixed(1 + below(10));
    }
  }

 private:
  using Parts = std::vector<std::string>;

  std::size_t below(std::size_t end) {
    return static_cast<std::size_t>(random_() % std::max<std::size_t>(end, 1));
  }
  const std::string& pick(const Parts& parts) { return parts[below(parts.size())]; }

  std::string some_of(const Parts& parts, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += pick(parts);
    return text;
  }
  static std::string repeated(std::string_view part, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += part;
    return text;
  }
  std::string random_bytes(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += static_cast<char>(below(256));
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
  }
  std::string mixed(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
      text += pick(*std::vector<const Parts*>{&kSpaces, &kBroken, &kMarks, &kMarkup, &kEntities,
                                              &kPieces, &kWords, &kWords, &kWords}[below(9)]);
    return text;
  }

  std::mt19937_64 random_;
  std::size_t longest_;

  const Parts kSpaces{" ",      "\t",     "\u00A0", "\u3000", "\r",   "\v",   "\f",     "\u2028",
                      "\u2029", "\u0085", "\x1C",   "\x1D",   "\x1E", "\x1F", "\u200B", "\u2002"};
  // Truncated, overlong, surrogates, beyond U+10FFFF, bytes of nothing.
  const Parts kBroken{
      "\xC3",         "\xE2\x80",     "\xF0\x9F\x98", "\xC0\x80",         "\xC0\x8A",
      "\xE0\x80\x8A", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80",
      "\xFF",         "\xFE",         "\x80",         "\xE2\x28\xA1"};
  const Parts kMarks{std::string(1, '\0'),
                     "\uFEFF",
                     "\uFFFF",
                     "\uFFFE",
                     "\uFDD0",
                     "\uFFFD",
                     "\u202E",
                     "\u2066",
                     "\u200F",
                     "\u05D0\u05D1",
                     "\u0645\u0631",
                     "\U0001F468\u200D\U0001F469\u200D\U0001F467",
                     "\U0001F3F3\uFE0F\u200D\U0001F308",
                     "\U0010FFFF",
                     "\x1B[31m",
                     "\b",
                     "\x7F"};
  const Parts kMarkup{"<b>",   "</b>", "<br/>",         "<i x='",  "<",
                      ">",     "{0}",  "{name}",        "%s",      "%1$d",
                      "${x}",  "{",    "<code>",        "</code>", "<b title=\"\u2028\">",
                      "<!-- ", "-->",  "<a href='\v'>", "</",      "<\r>",
                      "ba ",   " ko "};
  const Parts kEntities{"&#10;",     "&#13;", "&#8232;",   "&nbsp;", "&#x0A;",     "&#133;",
                        "&NewLine;", "&amp;", "&lt;",      "&#0;",   "&#x110000;", "&#12;",
                        "&;",        "& ",    "&product;", "ba "};
  const Parts kPieces{"\u2581", "<unk>",  "<s>",      "</s>",  "<pad>", "<0x0A>",
                      "<0x0D>", "<0xFF>", "\u2581ba", " ||| ", "\\n",   ">>deu<<"};
  const Parts kWords{"ba ",  "ko ",  "mi",   " du",          "re. ",
                     "no, ", "fa! ", "lu? ", "\u732B\u3002", "x"};
};

/// What is wrong with `text` as lines of output: that there are not `count`, that it is not UTF-8,
/// or that some reader would see another end of a line in it. Empty if nothing is.
inline std::string problem_of_lines(std::string_view text, std::size_t count) {
  const auto found = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  if (found != count) return std::to_string(found) + " lines instead of " + std::to_string(count);
  const std::size_t bad = first_invalid_utf8(text);
  if (bad != std::string_view::npos) return "byte " + std::to_string(bad) + " is not UTF-8";
  if (!text.empty() && text.back() != '\n') return "the last line has no end";
  for (const std::string_view end :
       {"\r", "\v", "\f", "\x1C", "\x1D", "\x1E", "\u0085", "\u2028", "\u2029"})
    if (const auto at = text.find(end); at != std::string_view::npos)
      return "a line break inside of a line, at byte " + std::to_string(at);
  return "";
}

/// The lines, each with a line feed.
inline std::string with_ends(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

}  // namespace heed
