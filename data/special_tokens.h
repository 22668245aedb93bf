#pragma once

#include <cstdint>

namespace heed {

/// Index of a piece in a vocabulary.
using TokenId = std::int32_t;

// The ids that every vocabulary of heed gives to its control symbols.
inline constexpr TokenId kPadId = 0;
inline constexpr TokenId kUnkId = 1;
inline constexpr TokenId kBosId = 2;
inline constexpr TokenId kEosId = 3;

}  // namespace heed
