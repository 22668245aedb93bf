#pragma once

#include <cstddef>
#include <string_view>

namespace heed {

/// The first line (from 1) of a TOML text with more dots outside of strings and comments than any
/// configuration has; 0 when there is none. toml++ makes a table of each part of a dotted key, and
/// deletes a table in a table by recursion, which a long key lets run out of the stack.
std::size_t find_deep_key(std::string_view toml);

}  // namespace heed
