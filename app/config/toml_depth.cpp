#include "app/config/toml_depth.h"

#include <algorithm>

namespace heed {
namespace {

constexpr std::size_t kMaxDots = 64;  // in a line

/// Bytes of the comment or string that `text` begins with; 0 for anything else. A string of one
/// line ends with its line at the latest.
std::size_t skipped_length(std::string_view text) {
  const char quote = text.front();
  if (quote == '#') return std::min(text.find('\n'), text.size());
  if (quote != '"' && quote != '\'') return 0;
  const bool is_long = text.size() > 2 && text[1] == quote && text[2] == quote;
  for (std::size_t i = is_long ? 3 : 1; i < text.size(); ++i) {
    if (text[i] == '\\' && quote == '"') {
      ++i;
    } else if (text[i] == '\n' && !is_long) {
      return i;
    } else if (text[i] == quote && !is_long) {
      return i + 1;
    } else if (text.substr(i).starts_with(text.substr(0, 3)) && is_long) {
      // Up to two quotes ahead of the three that end it are the string's.
      i += 3;
      for (int more = 0; more < 2 && i < text.size() && text[i] == quote; ++more) ++i;
      return i;
    }
  }
  return text.size();
}

}  // namespace

std::size_t find_deep_key(std::string_view toml) {
  std::size_t line = 1;
  std::size_t dots = 0;
  while (!toml.empty()) {
    const std::size_t skipped = skipped_length(toml);
    const std::string_view part = toml.substr(0, std::max<std::size_t>(skipped, 1));
    line += static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
    if (part == "\n") dots = 0;
    if (part == "." && ++dots > kMaxDots) return line;
    toml.remove_prefix(part.size());
  }
  return 0;
}

}  // namespace heed
