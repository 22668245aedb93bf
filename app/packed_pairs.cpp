#include "app/packed_pairs.h"

#include "data/special_tokens.h"

namespace heed {
namespace {

void close_sources(PackedIds& src, std::span<const Direction> directions) {
  auto* ids = src.ids.mutable_data_ptr<std::int64_t>();
  for (std::size_t s = 0; s < directions.size(); ++s)
    ids[src.packing.begin(static_cast<std::int64_t>(s) + 1) - 1] = source_end(directions[s]);
}

}  // namespace

PackedPairs pack_pairs(std::span<const std::span<const TokenId>> src,
                       std::span<const std::span<const TokenId>> tgt, Direction direction) {
  const std::vector<Direction> directions(src.size(), direction);
  return pack_passes(src, tgt, tgt, directions);
}

PackedPairs pack_passes(std::span<const std::span<const TokenId>> src,
                        std::span<const std::span<const TokenId>> tgt_in,
                        std::span<const std::span<const TokenId>> tgt,
                        std::span<const Direction> directions) {
  constexpr std::int32_t kNothing = -1;
  PackedPairs pairs{pack_ids(src, kNothing, source_end(Direction::kForward)),
                    pack_ids(tgt_in, kBosId, kNothing),
                    pack_ids(tgt, kNothing, kEosId),
                    tgt.empty() ? 1 : static_cast<std::int64_t>(src.size() / tgt.size()),
                    {}};
  close_sources(pairs.src, directions);
  return pairs;
}

PackedPairs pack_pairs(const EncodedCorpus& corpus, std::span<const std::uint32_t> indices) {
  std::vector<std::span<const TokenId>> src;
  std::vector<std::span<const TokenId>> tgt;
  std::vector<Direction> directions;
  for (const std::uint32_t index : indices) {
    src.push_back(corpus.src(index));
    tgt.push_back(corpus.tgt(index));
    directions.push_back(corpus.direction(index));
  }
  return pack_passes(src, tgt, tgt, directions);
}

}  // namespace heed
