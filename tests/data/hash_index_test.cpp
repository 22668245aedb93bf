#include "data/hash_index.h"

#include <gtest/gtest.h>

#include <unordered_map>

namespace heed {
namespace {

TEST(HashIndex, KeepsTheFirstNumberOfEachHash) {
  HashIndex index;
  std::unordered_map<std::uint64_t, std::uint32_t> expected;
  std::uint64_t state = 1;
  for (std::uint32_t i = 0; i < 20000; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    const std::uint64_t hash = 2 + (state >> 50);  // repeats often, crowded slots
    const auto [found, is_new] = expected.emplace(hash, i);
    EXPECT_EQ(index.find(hash).has_value(), !is_new);
    const auto before = index.insert(hash, i);
    ASSERT_EQ(before.has_value(), !is_new);
    if (before) {
      EXPECT_EQ(*before, found->second);
    }
  }
  EXPECT_EQ(index.size(), expected.size());
  for (const auto& [hash, number] : expected) EXPECT_EQ(index.find(hash), number);
  EXPECT_EQ(index.find(1ULL << 40), std::nullopt);
}

TEST(HashIndex, ZeroIsAHashAsOthers) {
  HashIndex index;
  EXPECT_EQ(index.find(0), std::nullopt);
  EXPECT_EQ(index.insert(0, 7), std::nullopt);
  EXPECT_EQ(index.find(0), 7U);
}

}  // namespace
}  // namespace heed
