#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/align/link.h"
#include "app/align/link_token.h"

namespace heed {

/// How links are written: `i-j`, source index then target index, separated by single spaces
/// (the format of the Pharaoh decoder and of Moses, fast_align and eflomal).
struct PharaohFormat {
  bool one_based = false;      // default: the first word is 0
  bool probabilities = false;  // `i-j:p` with four decimals
};

/// One line without its end. Links are written in the order given; none gives an empty line.
std::string format_pharaoh(std::span<const Link> links, const PharaohFormat& format = {});

/// Reads `i-j` and `i-j:p` (0 <= p <= 1), mixed as they come; the result is a set (see
/// `to_link_set`). Throws std::runtime_error with file, line and value on anything else, and on
/// indices beyond `lengths` where given.
std::vector<Link> parse_pharaoh(std::string_view line, const LinePlace& place,
                                const IndexConvention& convention = {},
                                const std::optional<SentenceLengths>& lengths = std::nullopt);

}  // namespace heed
