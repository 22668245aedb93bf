#pragma once

#include <cstddef>
#include <string_view>

namespace heed {

/// The length in bytes of the placeholder that starts at byte `at` of `line`; 0 when none does.
/// The forms are those that `lex_markup` names.
std::size_t placeholder_length(std::string_view line, std::size_t at);

}  // namespace heed
