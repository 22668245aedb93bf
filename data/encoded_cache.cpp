#include "data/encoded_cache.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <exception>
#include <ostream>
#include <utility>

#include "data/atomic_file.h"
#include "data/hash.h"

namespace heed {
namespace {

constexpr std::array<char, 8> kMagic = {'h', 'e', 'e', 'd', '.', 'i', 'd', 's'};
constexpr std::uint32_t kVersion = 1;
constexpr std::uint32_t kByteOrder = 0x01020304;

struct Header {
  std::array<char, 8> magic = kMagic;
  std::uint32_t version = kVersion;
  std::uint32_t byte_order = kByteOrder;
  std::uint64_t key = 0;
  std::uint64_t num_pairs = 0;
  std::uint64_t num_src_ids = 0;
  std::uint64_t num_tgt_ids = 0;
  EncodedCounts counts;
  std::uint64_t checksum = 0;  // of the header with 0 here, and of the four arrays
};
static_assert(sizeof(Header) == 80, "no padding, and the arrays behind it are aligned");

template <typename T>
std::string_view as_bytes(std::span<const T> items) {
  return {reinterpret_cast<const char*>(items.data()), items.size_bytes()};
}

std::array<std::string_view, 4> arrays_of(const EncodedTable& table) {
  return {as_bytes(table.src_offsets), as_bytes(table.tgt_offsets), as_bytes(table.src_ids),
          as_bytes(table.tgt_ids)};
}

std::uint64_t checksum_of(Header header, const EncodedTable& table) {
  header.checksum = 0;
  ContentHash hash;
  hash.add(as_bytes(std::span<const Header>(&header, 1)));
  for (const std::string_view bytes : arrays_of(table)) hash.add(bytes);
  return hash.value();
}

/// Takes arrays off the front of a file's bytes.
class ArrayReader {
 public:
  explicit ArrayReader(std::string_view bytes) : rest_(bytes) {}

  template <typename T>
  bool take(std::uint64_t count, std::span<const T>& items) {
    if (count > rest_.size() / sizeof(T)) return false;
    items = {reinterpret_cast<const T*>(rest_.data()), static_cast<std::size_t>(count)};
    rest_.remove_prefix(items.size_bytes());
    return true;
  }

  bool is_done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

bool take_table(std::string_view bytes, const Header& header, EncodedTable& table) {
  ArrayReader reader(bytes);
  const std::uint64_t num_offsets = header.num_pairs + 1;
  return num_offsets != 0 && reader.take(num_offsets, table.src_offsets) &&
         reader.take(num_offsets, table.tgt_offsets) &&
         reader.take(header.num_src_ids, table.src_ids) &&
         reader.take(header.num_tgt_ids, table.tgt_ids) && reader.is_done();
}

bool are_offsets_of(std::span<const std::uint64_t> offsets, std::span<const TokenId> ids) {
  return offsets.front() == 0 && offsets.back() == ids.size() &&
         std::is_sorted(offsets.begin(), offsets.end());
}

bool are_below(std::span<const TokenId> ids, int vocab_size) {
  std::uint32_t largest = 0;  // a negative id counts as a very large one
  for (const TokenId id : ids) largest = std::max(largest, static_cast<std::uint32_t>(id));
  return ids.empty() || largest < static_cast<std::uint32_t>(vocab_size);
}

std::optional<Header> read_header(std::string_view bytes, std::uint64_t key) {
  Header header;
  if (bytes.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, bytes.data(), sizeof header);
  const bool is_ours = header.magic == kMagic && header.version == kVersion &&
                       header.byte_order == kByteOrder && header.key == key;
  return is_ours ? std::optional(header) : std::nullopt;
}

std::optional<MappedFile> open_file(const std::filesystem::path& path) {
  try {
    return MappedFile(path);
  } catch (const std::exception&) {
    return std::nullopt;  // a cache that cannot be read is as good as none
  }
}

}  // namespace

std::uint64_t hash_of(const EncodedTable& table) {
  ContentHash hash;
  for (const std::string_view bytes : arrays_of(table)) hash.add(bytes);
  return hash.value();
}

void write_encoded_cache(const std::filesystem::path& path, std::uint64_t key,
                         const EncodedTable& table, const EncodedCounts& counts) {
  Header header;
  header.key = key;
  header.num_pairs = table.src_offsets.size() - 1;
  header.num_src_ids = table.src_ids.size();
  header.num_tgt_ids = table.tgt_ids.size();
  header.counts = counts;
  header.checksum = checksum_of(header, table);
  AtomicFile file(path);
  const auto write = [&file](std::string_view bytes) {
    file.stream().write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  };
  write(as_bytes(std::span<const Header>(&header, 1)));
  for (const std::string_view bytes : arrays_of(table)) write(bytes);
  file.commit();
}

std::optional<EncodedCache> read_encoded_cache(const std::filesystem::path& path, std::uint64_t key,
                                               int src_vocab_size, int tgt_vocab_size) {
  std::optional<MappedFile> file = open_file(path);
  if (!file) return std::nullopt;
  const std::optional<Header> header = read_header(file->bytes(), key);
  EncodedTable table;
  if (!header || !take_table(file->bytes().substr(sizeof(Header)), *header, table)) {
    return std::nullopt;
  }
  const bool is_whole = checksum_of(*header, table) == header->checksum &&
                        are_offsets_of(table.src_offsets, table.src_ids) &&
                        are_offsets_of(table.tgt_offsets, table.tgt_ids) &&
                        are_below(table.src_ids, src_vocab_size) &&
                        are_below(table.tgt_ids, tgt_vocab_size);
  if (!is_whole) return std::nullopt;
  return EncodedCache{std::move(*file), table, header->counts};
}

}  // namespace heed
