#pragma once

#include <cstdint>

namespace heed {

/// Seeds of the dropout masks of one forward pass: a pure function of (seed, update, shard) and of
/// how many masks were drawn before, so that a resumed run draws what an uninterrupted one would.
class DropoutStream {
 public:
  DropoutStream(std::uint64_t seed, std::uint64_t update, std::uint64_t shard)
      : state_(mix(mix(mix(seed + 1) + update) + shard)) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    return mix(state_);
  }

 private:
  /// The finalizer of SplitMix64 (Steele et al. 2014).
  static std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
  }

  std::uint64_t state_;
};

}  // namespace heed
