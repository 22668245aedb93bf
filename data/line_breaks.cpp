#include "data/line_breaks.h"

#include <span>
#include <string_view>

namespace heed {
namespace {

constexpr std::string_view kBreakBytes = "\n\v\f\r\x1C\x1D\x1E";
constexpr std::string_view kNextLine = "\u0085";
constexpr std::string_view kLineSeparator = "\u2028";
constexpr std::string_view kParagraphSeparator = "\u2029";

/// A stretch of text that is a line break.
struct Break {
  std::size_t begin = std::string_view::npos;
  std::size_t size = 0;
};

// The bytes of a character are looked for, which cannot be parts of others.
Break find_break(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find_first_of("\n\v\f\r\x1C\x1D\x1E\xC2\xE2", from);
       at != std::string_view::npos;
       at = text.find_first_of("\n\v\f\r\x1C\x1D\x1E\xC2\xE2", at + 1)) {
    if (kBreakBytes.find(text[at]) != std::string_view::npos) return {at, 1};
    for (const std::string_view sequence : {kNextLine, kLineSeparator, kParagraphSeparator})
      if (text.substr(at).starts_with(sequence)) return {at, sequence.size()};
  }
  return {};
}

std::vector<Break> find_breaks(std::string_view text) {
  std::vector<Break> breaks;
  for (Break found = find_break(text, 0); found.size > 0;
       found = find_break(text, found.begin + found.size))
    breaks.push_back(found);
  return breaks;
}

/// `text` with `replacement` of each of its `breaks`.
template <typename Replacement>
std::string replace(std::string_view text, std::span<const Break> breaks,
                    const Replacement& replacement) {
  std::string result;
  std::size_t end = 0;
  for (const Break& found : breaks) {
    result.append(text.substr(end, found.begin - end));
    result.append(replacement(text.substr(found.begin, found.size)));
    end = found.begin + found.size;
  }
  return result.append(text.substr(end));
}

std::string_view space_for(std::string_view) {
  return " ";
}

std::string_view escape_for(std::string_view line_break) {
  if (line_break == kNextLine) return "\\u0085";
  return line_break == kLineSeparator ? "\\u2028" : "\\u2029";
}

/// Where places of a text are in that with spaces for its breaks; asked in increasing order.
class PlaceMap {
 public:
  explicit PlaceMap(std::span<const Break> breaks) : breaks_(breaks) {}

  std::size_t operator()(std::size_t place) {
    for (; !breaks_.empty() && breaks_.front().begin < place; breaks_ = breaks_.subspan(1))
      saved_ += breaks_.front().size - 1;
    return place - saved_;
  }

 private:
  std::span<const Break> breaks_;
  std::size_t saved_ = 0;
};

}  // namespace

std::string on_one_line(std::string text) {
  const std::vector<Break> breaks = find_breaks(text);
  return breaks.empty() ? text : replace(text, breaks, space_for);
}

void put_on_one_line(std::string& text, std::vector<Piece>& pieces) {
  const std::vector<Break> breaks = find_breaks(text);
  if (breaks.empty()) return;
  PlaceMap place(breaks);
  for (Piece& piece : pieces) {
    piece.begin = place(piece.begin);
    piece.end = place(piece.end);
  }
  text = replace(text, breaks, space_for);
}

std::string json_on_one_line(std::string json) {
  const std::vector<Break> breaks = find_breaks(json);
  return breaks.empty() ? json : replace(json, breaks, escape_for);
}

}  // namespace heed
