#pragma once

#include <cstdint>

namespace heed {

/// What the state of SplitMix64 (Steele, Lea and Flood 2014) grows by from number to number ...
inline constexpr std::uint64_t kSplitMixStep = 0x9e3779b97f4a7c15ULL;

/// ... and what makes a number of it.
constexpr std::uint64_t split_mix(std::uint64_t state) {
  state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9ULL;
  state = (state ^ (state >> 27)) * 0x94d049bb133111ebULL;
  return state ^ (state >> 31);
}

}  // namespace heed
