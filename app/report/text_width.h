#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace heed {

/// How many columns of a terminal `text` takes: two for wide and full-width characters (UAX #11)
/// and emoji, none for combining marks, joiners and controls.
std::size_t text_columns(std::string_view text);

/// `text` without control characters, cut to at most `columns` with "…" at the end where cut.
std::string fit_to_columns(std::string_view text, std::size_t columns);

}  // namespace heed
