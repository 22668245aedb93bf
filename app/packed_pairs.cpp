#include "app/packed_pairs.h"

#include "data/special_tokens.h"

namespace heed {

PackedPairs pack_pairs(std::span<const std::span<const TokenId>> src,
                       std::span<const std::span<const TokenId>> tgt, Direction direction) {
  constexpr std::int32_t kNothing = -1;
  return {pack_ids(src, kNothing, source_end(direction)),
          pack_ids(tgt, kBosId, kNothing),
          pack_ids(tgt, kNothing, kEosId),
          {}};
}

PackedPairs pack_pairs(const EncodedCorpus& corpus, std::span<const std::uint32_t> indices) {
  std::vector<std::span<const TokenId>> src;
  std::vector<std::span<const TokenId>> tgt;
  for (const std::uint32_t index : indices) {
    src.push_back(corpus.src(index));
    tgt.push_back(corpus.tgt(index));
  }
  PackedPairs pairs = pack_pairs(src, tgt, Direction::kForward);
  auto* ids = pairs.src.ids.mutable_data_ptr<std::int64_t>();
  for (std::size_t s = 0; s < indices.size(); ++s)
    ids[pairs.src.packing.begin(static_cast<std::int64_t>(s) + 1) - 1] =
        source_end(corpus.direction(indices[s]));
  return pairs;
}

}  // namespace heed
