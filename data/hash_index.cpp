#include "data/hash_index.h"

#include <algorithm>
#include <utility>

namespace heed {
namespace {

constexpr std::size_t kFirstSlots = 1024;  // a power of two, as every later number of them

std::uint64_t never_zero(std::uint64_t hash) {
  return hash == 0 ? 1 : hash;
}

}  // namespace

std::optional<std::uint32_t> HashIndex::insert(std::uint64_t hash, std::uint32_t number) {
  if ((size_ + 1) * 5 > hashes_.size() * 4) grow();
  const std::size_t slot = slot_of(hash);
  if (hashes_[slot] != 0) return numbers_[slot];
  hashes_[slot] = never_zero(hash);
  numbers_[slot] = number;
  ++size_;
  return std::nullopt;
}

std::optional<std::uint32_t> HashIndex::find(std::uint64_t hash) const {
  if (size_ == 0) return std::nullopt;
  const std::size_t slot = slot_of(hash);
  if (hashes_[slot] == 0) return std::nullopt;
  return numbers_[slot];
}

std::size_t HashIndex::slot_of(std::uint64_t hash) const {
  hash = never_zero(hash);
  const std::size_t mask = hashes_.size() - 1;
  std::size_t slot = (hash ^ (hash >> 32)) & mask;
  while (hashes_[slot] != 0 && hashes_[slot] != hash) slot = (slot + 1) & mask;
  return slot;
}

void HashIndex::grow() {
  const std::size_t slots = std::max(kFirstSlots, hashes_.size() * 2);
  const auto old_hashes = std::exchange(hashes_, std::vector<std::uint64_t>(slots));
  const auto old_numbers = std::exchange(numbers_, std::vector<std::uint32_t>(slots));
  for (std::size_t i = 0; i < old_hashes.size(); ++i) {
    if (old_hashes[i] == 0) continue;
    const std::size_t slot = slot_of(old_hashes[i]);
    hashes_[slot] = old_hashes[i];
    numbers_[slot] = old_numbers[i];
  }
}

}  // namespace heed
