#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace heed {

/// FNV-1a, 64 bits (Fowler, Noll and Vo; draft-eastlake-fnv).
constexpr std::uint64_t fnv1a_64(std::string_view bytes) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001B3ULL;
  }
  return hash;
}

/// A hash for large contents (gigabytes a second), to notice that they changed; no defence against
/// an attacker. FNV-1a over 8-byte words in four lanes, of which each step can be undone, so that
/// no change within a single lane's word goes unseen. What `add` is given matters, and in which
/// portions.
class ContentHash {
 public:
  void add(std::string_view bytes) {
    add_number(bytes.size());
    std::size_t i = 0;
    for (; i + 32 <= bytes.size(); i += 32) {
      for (std::size_t lane = 0; lane < 4; ++lane) step(lane, load(bytes, i + 8 * lane, 8));
    }
    for (std::size_t lane = 0; i < bytes.size(); i += 8, ++lane) {
      step(lane, load(bytes, i, bytes.size() - i < 8 ? bytes.size() - i : 8));
    }
  }

  void add_number(std::uint64_t number) { step(0, number); }

  std::uint64_t value() const {
    std::uint64_t hash = 0;
    for (const std::uint64_t lane : lanes_) {
      hash = (std::rotl(hash, 29) ^ lane) * kMultiplier;
      hash ^= hash >> 32;
    }
    return hash;
  }

 private:
  static constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15ULL;  // odd, so it can be undone

  static std::uint64_t load(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, size);
    return word;
  }

  void step(std::size_t lane, std::uint64_t word) {
    lanes_[lane] = std::rotl((lanes_[lane] ^ word) * kMultiplier, 29);
  }

  std::array<std::uint64_t, 4> lanes_ = {1, 2, 3, 4};
};

}  // namespace heed
