#include "app/packed_pairs.h"

#include "data/special_tokens.h"

namespace heed {

PackedPairs pack_pairs(std::span<const std::span<const TokenId>> src,
                       std::span<const std::span<const TokenId>> tgt) {
  constexpr std::int32_t kNothing = -1;
  return {pack_ids(src, kNothing, kEosId),
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
  return pack_pairs(src, tgt);
}

}  // namespace heed
