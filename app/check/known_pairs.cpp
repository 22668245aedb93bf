#include "app/check/known_pairs.h"

#include <algorithm>
#include <iterator>

#include "data/hash.h"

namespace heed {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

}  // namespace

PairKey key_of(std::string_view src, std::string_view tgt) {
  ContentHash hash;
  hash.add(trimmed(src));
  const std::uint64_t of_src = hash.value();
  hash.add(trimmed(tgt));
  return {of_src, hash.value()};
}

std::optional<KnownPlace> KnownPairs::insert_pair(const PairKey& key) {
  return place(pairs_.insert(key.pair, static_cast<std::uint32_t>(lines_)));
}

std::optional<KnownPlace> KnownPairs::insert_src(const PairKey& key) {
  return place(sources_.insert(key.src, static_cast<std::uint32_t>(lines_)));
}

std::optional<KnownPlace> KnownPairs::find_pair(const PairKey& key) const {
  return place(pairs_.find(key.pair));
}

std::optional<KnownPlace> KnownPairs::find_src(const PairKey& key) const {
  return place(sources_.find(key.src));
}

std::optional<KnownPlace> KnownPairs::place(const std::optional<std::uint32_t>& number) const {
  if (!number) return std::nullopt;
  const auto behind = std::partition_point(
      files_.begin(), files_.end(), [&](const File& file) { return file.lines_before < *number; });
  const File& file = *std::prev(behind);
  return KnownPlace{file.name, *number - file.lines_before};
}

}  // namespace heed
