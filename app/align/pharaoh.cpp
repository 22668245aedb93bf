#include "app/align/pharaoh.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <iterator>

namespace heed {
namespace {

constexpr std::string_view kExpected = "i-j or i-j:p, as in 0-0 2-1 or 0-0:0.75";

// `suffix` is what follows the two indices: nothing, or ":p".
double parse_probability(const LinkToken& token, const LinePlace& place) {
  if (token.suffix.empty()) return 1.0;
  if (token.suffix.front() != ':') {
    fail_at(place, fmt::format("{} is not a link; expected {}", quoted(token.text), kExpected));
  }
  const std::string_view digits = token.suffix.substr(1);
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool is_number = error == std::errc() && end == digits.data() + digits.size();
  // Written so that NaN, which compares false, is refused too.
  if (!is_number || !(value >= 0.0 && value <= 1.0)) {
    fail_at(place, fmt::format("link {}: {} is not a probability from 0 to 1", quoted(token.text),
                               quoted(digits)));
  }
  return value;
}

}  // namespace

std::string format_pharaoh(std::span<const Link> links, const PharaohFormat& format) {
  const std::int64_t base = format.one_based ? 1 : 0;  // an index may be the largest int
  std::string line;
  for (const Link& link : links) {
    if (!line.empty()) line += ' ';
    fmt::format_to(std::back_inserter(line), "{}-{}", link.src + base, link.tgt + base);
    if (format.probabilities) {
      fmt::format_to(std::back_inserter(line), ":{:.4f}", link.probability);
    }
  }
  return line;
}

std::vector<Link> parse_pharaoh(std::string_view line, const LinePlace& place,
                                const IndexConvention& convention,
                                const std::optional<SentenceLengths>& lengths) {
  std::vector<Link> links;
  for (const std::string_view text : split_link_tokens(line)) {
    const LinkToken token = parse_link_token(text, "-", kExpected, place);
    Link link = to_link(token, convention, lengths, place);
    link.probability = parse_probability(token, place);
    links.push_back(link);
  }
  return to_link_set(std::move(links));
}

}  // namespace heed
