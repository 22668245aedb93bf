#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace heed {

/// About `width` characters of `line` around byte `at`, fit for a terminal: what can't be seen is
/// spelt out as <U+200B>, ill-formed bytes as <0xE9>, left-out text as an ellipsis.
std::string excerpt(std::string_view line, std::size_t at = 0, std::size_t width = 60);

}  // namespace heed
