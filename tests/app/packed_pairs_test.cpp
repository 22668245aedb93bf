#include "app/packed_pairs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heed {
namespace {

using ::testing::ElementsAre;

std::vector<std::int64_t> ids_of(const PackedIds& packed) {
  const auto* ids = packed.ids.const_data_ptr<std::int64_t>();
  return {ids, ids + packed.ids.numel()};
}

TEST(PackedPairsTest, TheEndOfTheSourceTellsTheDirection) {
  const std::vector<std::vector<TokenId>> english{{4, 5}, {6}};
  const std::vector<std::vector<TokenId>> german{{7}, {8, 9}};
  const EncodedCorpus both = EncodedCorpus::from_ids(english, german).in_both_directions();
  const std::vector<std::uint32_t> indices{0, 3, 2};
  const PackedPairs pairs = pack_pairs(both, indices);
  EXPECT_THAT(ids_of(pairs.src), ElementsAre(4, 5, kEosId, 8, 9, kBosId, 7, kBosId));
  EXPECT_THAT(ids_of(pairs.tgt_in), ElementsAre(kBosId, 7, kBosId, 6, kBosId, 4, 5));
  EXPECT_THAT(ids_of(pairs.tgt_out), ElementsAre(7, kEosId, 6, kEosId, 4, 5, kEosId));
}

}  // namespace
}  // namespace heed
