#include "app/align/gold.h"

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

#include "data/text_io.h"

namespace heed {
namespace {

constexpr std::string_view kExpected = "i-j (sure), i?j, ipj or i-jP (possible)";

bool is_sure(const LinkToken& token, const LinePlace& place) {
  if (token.separator == '-') {
    if (token.suffix.empty() || token.suffix == "S" || token.suffix == "s") return true;
    if (token.suffix == "P" || token.suffix == "p") return false;
  } else if (token.suffix.empty()) {
    return false;
  }
  fail_at(place, fmt::format("{} is not a gold link; expected {}", quoted(token.text), kExpected));
}

}  // namespace

GoldAlignment parse_gold(std::string_view line, const LinePlace& place,
                         const IndexConvention& convention,
                         const std::optional<SentenceLengths>& lengths) {
  GoldAlignment gold;
  for (const std::string_view text : split_link_tokens(line)) {
    const LinkToken token = parse_link_token(text, "-?pP", kExpected, place);
    const Link link = to_link(token, convention, lengths, place);
    if (is_sure(token, place)) gold.sure.push_back(link);
    gold.possible.push_back(link);
  }
  return {to_link_set(std::move(gold.sure)), to_link_set(std::move(gold.possible))};
}

std::vector<GoldAlignment> read_gold(const std::filesystem::path& path,
                                     const IndexConvention& convention) {
  LineReader reader(path);
  std::vector<GoldAlignment> gold;
  std::string line;
  while (reader.next(line)) {
    gold.push_back(parse_gold(line, {reader.name(), reader.line_number()}, convention));
  }
  return gold;
}

std::vector<GoldAlignment> read_gold(const std::filesystem::path& path,
                                     const IndexConvention& convention,
                                     std::span<const SentenceLengths> lengths) {
  LineReader reader(path);
  std::vector<GoldAlignment> gold;
  std::string line;
  while (reader.next(line)) {
    const LinePlace place{reader.name(), reader.line_number()};
    if (gold.size() == lengths.size()) {
      fail_at(place, fmt::format("there are more lines of gold links than the {} sentence pairs",
                                 lengths.size()));
    }
    gold.push_back(parse_gold(line, place, convention, lengths[gold.size()]));
  }
  if (gold.size() < lengths.size()) {
    throw std::runtime_error(
        fmt::format("{}: {} lines of gold links for {} sentence pairs; give one line a pair",
                    reader.name(), gold.size(), lengths.size()));
  }
  return gold;
}

}  // namespace heed
