#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/align/link.h"

namespace heed {

/// Where a line came from, for messages of the form `FILE:LINE: ...`.
struct LinePlace {
  std::string_view file;
  std::size_t line = 0;  // 1-based
};

/// How a file writes the two indices of a link.
struct IndexConvention {
  bool one_based = false;   // the first word is 1 rather than 0
  bool transposed = false;  // the first index is the target's
};

/// A link as written: two indices, the character between them, and what follows.
struct LinkToken {
  std::string_view text;
  int first = 0;
  char separator = '-';
  int second = 0;
  std::string_view suffix;
};

/// Throws std::runtime_error("FILE:LINE: message").
[[noreturn]] void fail_at(const LinePlace& place, std::string_view message);

/// `token` in single quotes for a message, shortened when long.
std::string quoted(std::string_view token);

/// The tokens of a line of links, separated by spaces or tabs.
std::vector<std::string_view> split_link_tokens(std::string_view line);

/// Reads `<digits><one of separators><digits><suffix>`. Signs, spaces and numbers beyond an int are
/// errors; the message ends with `expected` (the accepted forms). The suffix is the caller's to
/// read.
LinkToken parse_link_token(std::string_view token, std::string_view separators,
                           std::string_view expected, const LinePlace& place);

/// The link in heed's own convention. Throws when an index is below the base, or when `lengths` is
/// given and an index is beyond the sentence.
Link to_link(const LinkToken& token, const IndexConvention& convention,
             const std::optional<SentenceLengths>& lengths, const LinePlace& place);

}  // namespace heed
