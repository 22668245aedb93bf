#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace heed {

/// Numbers by 64-bit hash, twelve bytes an entry and little room beside: a set of lines that is
/// much smaller than the lines. Two contents of one hash are one to it, which among a hundred
/// million lines happens once in 3,700 times.
class HashIndex {
 public:
  /// Stores `number` under `hash` unless there is one; returns that one.
  std::optional<std::uint32_t> insert(std::uint64_t hash, std::uint32_t number);
  std::optional<std::uint32_t> find(std::uint64_t hash) const;
  std::size_t size() const { return size_; }

 private:
  std::size_t slot_of(std::uint64_t hash) const;  // where it is, or the free slot where it belongs
  void grow();

  std::vector<std::uint64_t> hashes_;  // 0: free
  std::vector<std::uint32_t> numbers_;
  std::size_t size_ = 0;
};

}  // namespace heed
