#include "data/encoded_cache.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "data/random.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using Ids = std::vector<TokenId>;

class EncodedCacheTest : public ::testing::Test {
 protected:
  void write(const EncodedTable& table) const { write_encoded_cache(path_, 7, table, {}); }
  bool is_used(std::uint64_t key = 7, int src_vocab_size = 10, int tgt_vocab_size = 10) const {
    return read_encoded_cache(path_, key, src_vocab_size, tgt_vocab_size).has_value();
  }
  bool is_used_as(std::string_view bytes) const {
    folder_.write("cache", bytes);
    return is_used();
  }

  const std::vector<std::uint64_t> offsets_ = {0, 1, 3};
  const Ids ids_ = {4, 9, 5};
  TemporaryFolder folder_;
  fs::path path_ = folder_ / "cache";
};

TEST_F(EncodedCacheTest, IsForOneKey) {
  EXPECT_FALSE(is_used());
  write({offsets_, offsets_, ids_, ids_});
  EXPECT_TRUE(is_used());
  EXPECT_FALSE(is_used(8));
}

TEST_F(EncodedCacheTest, IsReadWholeOrNotAtAll) {
  write({offsets_, offsets_, ids_, ids_});
  const std::string whole = read_bytes(path_);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    ASSERT_FALSE(is_used_as(whole.substr(0, size))) << size;
  }
  EXPECT_FALSE(is_used_as(whole + "x"));
  EXPECT_TRUE(is_used_as(whole));
}

TEST_F(EncodedCacheTest, NoticesEveryFlippedBit) {
  write({offsets_, offsets_, ids_, ids_});
  const std::string whole = read_bytes(path_);
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_FALSE(is_used_as(damaged)) << bit;
  }
}

TEST_F(EncodedCacheTest, RefusesRandomBytes) {
  SplitMix64 random(32);
  for (int round = 0; round < 100; ++round) {
    std::string bytes(random.uniform_below(300), ' ');
    for (char& byte : bytes) byte = static_cast<char>(random.next());
    ASSERT_FALSE(is_used_as(bytes));
  }
}

// Tables with a right checksum, but with ids that the vocabulary has not, or offsets out of order.
TEST_F(EncodedCacheTest, ChecksWhatItHolds) {
  const Ids negative = {4, -9, 5};
  const std::vector<std::uint64_t> disordered = {0, 4, 3};
  const std::vector<std::uint64_t> too_short = {0, 1, 2};
  write({offsets_, offsets_, ids_, ids_});
  EXPECT_FALSE(is_used(7, 9, 10));
  EXPECT_FALSE(is_used(7, 10, 9));
  write({offsets_, offsets_, ids_, negative});
  EXPECT_FALSE(is_used());
  write({disordered, offsets_, ids_, ids_});
  EXPECT_FALSE(is_used());
  write({offsets_, too_short, ids_, ids_});
  EXPECT_FALSE(is_used());
}

TEST_F(EncodedCacheTest, MayBeNoFile) {
  EXPECT_FALSE(read_encoded_cache(folder_.path(), 7, 10, 10).has_value());
}

}  // namespace
}  // namespace heed
