#include <algorithm>
#include <string>
#include <vector>

#include "app/align/gold.h"
#include "app/align/pharaoh.h"
#include "tests/fuzz/fuzz_target.h"

namespace heed {
namespace {

const LinePlace kPlace{"input", 7};

void require_set(const std::vector<Link>& links, const std::optional<SentenceLengths>& lengths) {
  require_property(std::is_sorted(links.begin(), links.end()), "links are sorted");
  require_property(std::adjacent_find(links.begin(), links.end()) == links.end(),
                   "each link stands once");
  for (const Link& link : links) {
    require_property(link.src >= 0 && link.tgt >= 0, "indices count from 0");
    require_property(!lengths || (link.src < lengths->src && link.tgt < lengths->tgt),
                     "links are within the sentences");
    require_property(link.probability >= 0.0 && link.probability <= 1.0,
                     "probabilities are from 0 to 1");
  }
}

void check_pharaoh(std::string_view line, const IndexConvention& convention,
                   const std::optional<SentenceLengths>& lengths) {
  std::vector<Link> links;
  if (!reads("input:7", [&] { links = parse_pharaoh(line, kPlace, convention, lengths); })) return;
  require_set(links, lengths);
  for (const bool one_based : {false, true}) {
    std::vector<Link> again;
    const bool is_read = reads("input:7", [&] {
      const std::string text = format_pharaoh(links, {one_based, true});
      again = parse_pharaoh(text, kPlace, {one_based, false}, lengths);
    });
    const bool is_largest = std::any_of(links.begin(), links.end(), [](const Link& link) {
      return std::max(link.src, link.tgt) == std::numeric_limits<int>::max();
    });
    require_property(is_read ? again == links : one_based && is_largest,
                     "links that are written read the same");
  }
}

void check_gold(std::string_view line, const IndexConvention& convention,
                const std::optional<SentenceLengths>& lengths) {
  reads("input:7", [&] {
    const GoldAlignment gold = parse_gold(line, kPlace, convention, lengths);
    require_set(gold.sure, lengths);
    require_set(gold.possible, lengths);
    require_property(std::includes(gold.possible.begin(), gold.possible.end(), gold.sure.begin(),
                                   gold.sure.end()),
                     "sure links are possible");
  });
}

void check_file(std::string_view text) {
  const std::filesystem::path path = file_of(text, "gold");
  reads(path, [&] {
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) +
                       (text.empty() || text.ends_with('\n') ? 0 : 1);
    const std::vector<GoldAlignment> gold = read_gold(path);
    require_property(text.starts_with("\x1F\x8B") || gold.size() == lines, "a line is a pair");
  });
}

void run(std::string_view input) {
  InputBytes bytes(input);
  const unsigned bits = bytes.take();
  const IndexConvention convention{(bits & 1) != 0, (bits & 2) != 0};
  const SentenceLengths some{static_cast<int>(bits >> 4), static_cast<int>(bits >> 3)};
  const auto lengths = (bits & 4) != 0 ? std::optional(some) : std::nullopt;
  check_pharaoh(bytes.rest(), convention, lengths);
  check_gold(bytes.rest(), convention, lengths);
  check_file(bytes.rest());
}

const FuzzRegistration kRegistration("links", run);

}  // namespace
}  // namespace heed
