#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace heed {

/// The SplitMix64 generator (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014). Its numbers are fixed by this file alone, so an order drawn from it
/// is the same with every compiler and standard library.
class SplitMix64 {
 public:
  explicit constexpr SplitMix64(std::uint64_t seed) : state_(seed) {}

  /// A generator for one of many independent streams of a seed, such as an epoch.
  constexpr SplitMix64(std::uint64_t seed, std::uint64_t stream)
      : state_(SplitMix64(seed).next() ^ mix(stream * kIncrement)) {}

  constexpr std::uint64_t next() {
    state_ += kIncrement;
    return mix(state_);
  }

  /// Uniform in [0, 1), of 53 bits.
  constexpr double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  /// Uniform in [0, bound), without bias (draws that would favour small numbers are thrown away);
  /// `bound` is at least 1.
  constexpr std::uint64_t uniform_below(std::uint64_t bound) {
    const std::uint64_t surplus = (0 - bound) % bound;  // 2^64 mod bound
    std::uint64_t value = next();
    while (value < surplus) value = next();
    return value % bound;
  }

 private:
  static constexpr std::uint64_t kIncrement = 0x9E3779B97F4A7C15ULL;

  static constexpr std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

/// Puts `items` in a uniformly random order (Fisher and Yates).
template <typename T>
constexpr void shuffle(std::span<T> items, SplitMix64& random) {
  for (std::size_t i = items.size(); i > 1; --i) {
    using std::swap;
    swap(items[i - 1], items[static_cast<std::size_t>(random.uniform_below(i))]);
  }
}

}  // namespace heed
