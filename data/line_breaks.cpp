#include "data/line_breaks.h"

#include <fmt/format.h>

#include <cstdint>
#include <span>
#include <string_view>

#include "data/utf8.h"

namespace heed {
namespace {

// Of line breaks, and of other characters, too.
constexpr std::string_view kFirstBytes = "\n\v\f\r\x1C\x1D\x1E\xC2\xE2";

/// A stretch of text that is a line break.
struct Break {
  std::size_t begin = std::string_view::npos;
  std::size_t size = 0;
};

Break find_break(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find_first_of(kFirstBytes, from); at != std::string_view::npos;
       at = text.find_first_of(kFirstBytes, at + 1)) {
    std::size_t end = at;
    if (is_line_break(decode_code_point(text, end))) return {at, end - at};
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

std::string escape_for(std::string_view line_break) {
  std::size_t at = 0;
  return fmt::format("\\u{:04x}", static_cast<std::uint32_t>(decode_code_point(line_break, at)));
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

bool is_line_break(char32_t c) {
  return (c >= '\n' && c <= '\r') || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 ||
         c == 0x2029;
}

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
