#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "data/encoded_cache.h"
#include "data/hash.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

constexpr std::uint64_t kKey = 7;
constexpr int kVocabSize = 100;
constexpr std::size_t kHeaderSize = 80;  // its last 8 bytes are the checksum

/// `bytes` with the checksum that they need: chance would never find it.
std::string with_checksum(std::string_view bytes) {
  std::string whole(bytes);
  if (whole.size() < kHeaderSize) return whole;
  std::memset(whole.data() + kHeaderSize - 8, 0, 8);
  ContentHash hash;
  // Header and arrays one by one, as the writer adds them.
  hash.add(std::string_view(whole).substr(0, kHeaderSize));
  std::array<std::uint64_t, 3> counts{};  // pairs, source ids, target ids
  std::memcpy(counts.data(), whole.data() + 24, sizeof counts);
  std::string_view rest = std::string_view(whole).substr(kHeaderSize);
  for (const std::uint64_t size :
       {(counts[0] + 1) * 8, (counts[0] + 1) * 8, counts[1] * 4, counts[2] * 4}) {
    const std::size_t taken = static_cast<std::size_t>(std::min<std::uint64_t>(size, rest.size()));
    hash.add(rest.substr(0, taken));
    rest.remove_prefix(taken);
  }
  const std::uint64_t value = hash.value();
  std::memcpy(whole.data() + kHeaderSize - 8, &value, sizeof value);
  return whole;
}

void check_side(std::span<const std::uint64_t> offsets, std::span<const TokenId> ids) {
  require_property(offsets.front() == 0 && offsets.back() == ids.size(), "offsets span the ids");
  require_property(std::is_sorted(offsets.begin(), offsets.end()), "offsets ascend");
  for (const TokenId id : ids)
    require_property(id >= 0 && id < kVocabSize, "ids are in the vocabulary");
}

void check_file(const std::filesystem::path& path) {
  const auto cache = read_encoded_cache(path, kKey, kVocabSize, kVocabSize);
  if (!cache) return;
  const EncodedTable& table = cache->table;
  require_property(table.src_offsets.size() == table.tgt_offsets.size(), "as many of either side");
  check_side(table.src_offsets, table.src_ids);
  check_side(table.tgt_offsets, table.tgt_ids);
  const std::filesystem::path written = file_of("", "written");
  write_encoded_cache(written, kKey, table, cache->counts);
  require_property(read_bytes(written) == cache->file.bytes(), "what was read is what is written");
}

void run(std::string_view input) {
  check_file(file_of(input));
  check_file(file_of(with_checksum(input)));
}

const FuzzRegistration kRegistration("encoded_cache", run);

}  // namespace
}  // namespace heed
