#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "data/mapped_file.h"
#include "data/special_tokens.h"

namespace heed {

/// The numbers of an encoded corpus: ids of all pairs one after the other, and where each pair
/// begins.
struct EncodedTable {
  std::span<const std::uint64_t> src_offsets;  // one more than pairs; the last is src_ids.size()
  std::span<const std::uint64_t> tgt_offsets;
  std::span<const TokenId> src_ids;
  std::span<const TokenId> tgt_ids;
};

/// Of all its numbers, see ContentHash.
std::uint64_t hash_of(const EncodedTable& table);

/// What else is kept with the table.
struct EncodedCounts {
  std::uint64_t pairs_read = 0;
  std::uint64_t empty_pairs = 0;
  std::uint64_t too_long_pairs = 0;
};

/// An encoded corpus in a file that is mapped into memory.
struct EncodedCache {
  MappedFile file;
  EncodedTable table;  // points into file
  EncodedCounts counts;
};

/// Writes a cache file, atomically. Format, in the machine's byte order: a header (see the source),
/// the source offsets, the target offsets, the source ids, the target ids. `key` stands for
/// everything that the table was made from.
void write_encoded_cache(const std::filesystem::path& path, std::uint64_t key,
                         const EncodedTable& table, const EncodedCounts& counts);

/// Reads a cache file; nothing when the file is missing, unreadable, truncated, damaged, of another
/// format, byte order or key, or holds an id that is not below its side's vocabulary size.
std::optional<EncodedCache> read_encoded_cache(const std::filesystem::path& path, std::uint64_t key,
                                               int src_vocab_size, int tgt_vocab_size);

}  // namespace heed
