#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "app/align/link.h"
#include "app/align/link_token.h"

namespace heed {

/// What annotators agreed on for one sentence pair. Both are sets (see `to_link_set`), and every
/// sure link is possible too (Och and Ney 2003: S is a subset of P).
struct GoldAlignment {
  std::vector<Link> sure;
  std::vector<Link> possible;
};

/// Reads one line of gold links. Accepted: `i-j` sure; `i?j`, `ipj` and `i-jP` possible; `i-jS`
/// sure. Letters in either case. A link given both ways is sure.
/// Throws std::runtime_error with file, line and value on anything else, and on indices beyond
/// `lengths` where given.
GoldAlignment parse_gold(std::string_view line, const LinePlace& place,
                         const IndexConvention& convention = {},
                         const std::optional<SentenceLengths>& lengths = std::nullopt);

/// Reads a file of one line a sentence pair. With `lengths` (one a pair) indices are checked
/// against the sentences, and another number of lines is an error.
std::vector<GoldAlignment> read_gold(const std::filesystem::path& path,
                                     const IndexConvention& convention = {});
std::vector<GoldAlignment> read_gold(const std::filesystem::path& path,
                                     const IndexConvention& convention,
                                     std::span<const SentenceLengths> lengths);

}  // namespace heed
