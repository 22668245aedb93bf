#pragma once

#include <string>
#include <string_view>

namespace heed {

/// `text` (valid UTF-8) without differences of case, width and compatibility: Unicode's
/// NFKC_Casefold (Unicode Standard, 5.18 and UAX #31), so that "Ｋyoto" and "KYOTO" become "kyoto".
std::string fold_case(std::string_view text);

}  // namespace heed
