#include "app/align/link_token.h"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

#include "data/ascii.h"

namespace heed {
namespace {

// Takes the digits at the front of `text` off; nothing when there are none or too many for an int.
std::optional<int> take_number(std::string_view& text) {
  if (text.empty() || !is_ascii_digit(text.front())) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

int to_zero_based(int written, std::string_view side, std::optional<int> length, int base,
                  const LinkToken& token, const LinePlace& place) {
  if (written < base) {
    fail_at(place, fmt::format("link {}: index 0, but indices are read as counted from 1",
                               quoted(token.text)));
  }
  const int index = written - base;
  if (length && index >= *length) {
    fail_at(place,
            fmt::format("link {}: {} index {} is beyond the sentence, which has {} unit{} "
                        "(indices are read as counted from {})",
                        quoted(token.text), side, written, *length, *length == 1 ? "" : "s", base));
  }
  return index;
}

}  // namespace

void fail_at(const LinePlace& place, std::string_view message) {
  throw std::runtime_error(fmt::format("{}:{}: {}", place.file, place.line, message));
}

std::string quoted(std::string_view token) {
  constexpr std::size_t kLongest = 40;
  if (token.size() <= kLongest) return fmt::format("'{}'", token);
  std::size_t end = kLongest;
  // Not between the bytes of one UTF-8 character.
  while (end > 0 && (static_cast<unsigned char>(token[end]) & 0xC0) == 0x80) --end;
  return fmt::format("'{}...'", token.substr(0, end));
}

std::vector<std::string_view> split_link_tokens(std::string_view line) {
  constexpr std::string_view kBlanks = " \t";
  std::vector<std::string_view> tokens;
  std::size_t begin = line.find_first_not_of(kBlanks);
  while (begin != std::string_view::npos) {
    const std::size_t end = std::min(line.find_first_of(kBlanks, begin), line.size());
    tokens.push_back(line.substr(begin, end - begin));
    begin = line.find_first_not_of(kBlanks, end);
  }
  return tokens;
}

LinkToken parse_link_token(std::string_view token, std::string_view separators,
                           std::string_view expected, const LinePlace& place) {
  LinkToken result;
  result.text = token;
  std::string_view rest = token;
  const std::optional<int> first = take_number(rest);
  const bool has_separator = first && !rest.empty() && separators.find(rest.front()) != rest.npos;
  if (has_separator) {
    result.separator = rest.front();
    rest.remove_prefix(1);
  }
  const std::optional<int> second = has_separator ? take_number(rest) : std::nullopt;
  if (!second)
    fail_at(place, fmt::format("{} is not a link; expected {}", quoted(token), expected));
  result.first = *first;
  result.second = *second;
  result.suffix = rest;
  return result;
}

Link to_link(const LinkToken& token, const IndexConvention& convention,
             const std::optional<SentenceLengths>& lengths, const LinePlace& place) {
  const int src = convention.transposed ? token.second : token.first;
  const int tgt = convention.transposed ? token.first : token.second;
  const auto src_length = lengths ? std::optional<int>(lengths->src) : std::nullopt;
  const auto tgt_length = lengths ? std::optional<int>(lengths->tgt) : std::nullopt;
  const int base = convention.one_based ? 1 : 0;
  return {to_zero_based(src, "source", src_length, base, token, place),
          to_zero_based(tgt, "target", tgt_length, base, token, place)};
}

}  // namespace heed
