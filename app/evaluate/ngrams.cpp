#include "app/evaluate/ngrams.h"

#include <algorithm>

namespace heed {

std::uint32_t WordIds::id_of(std::string_view word) {
  const auto next_id = static_cast<std::uint32_t>(ids_.size());
  return ids_.try_emplace(std::string(word), next_id).first->second;
}

NgramCounts count_ngrams(std::span<const std::uint32_t> symbols, std::size_t order,
                         unsigned bits_per_symbol) {
  std::vector<NgramKey> keys;
  for (std::size_t begin = 0; begin + order <= symbols.size(); ++begin) {
    NgramKey key;
    for (const std::uint32_t symbol : symbols.subspan(begin, order)) {
      key.high = (key.high << bits_per_symbol) | (key.low >> (64 - bits_per_symbol));
      key.low = (key.low << bits_per_symbol) | symbol;
    }
    keys.push_back(key);
  }
  std::sort(keys.begin(), keys.end());

  NgramCounts counts;
  for (const NgramKey& key : keys) {
    if (counts.empty() || counts.back().ngram != key) counts.push_back({key, 0});
    ++counts.back().count;
  }
  return counts;
}

std::int64_t clipped_matches(const NgramCounts& hypothesis, const NgramCounts& reference) {
  std::int64_t matches = 0;
  auto other = reference.begin();
  for (const NgramCount& entry : hypothesis) {
    while (other != reference.end() && other->ngram < entry.ngram) ++other;
    if (other == reference.end()) break;
    if (other->ngram == entry.ngram) matches += std::min(entry.count, other->count);
  }
  return matches;
}

NgramCounts maximum_counts(const NgramCounts& a, const NgramCounts& b) {
  NgramCounts merged;
  merged.reserve(a.size() + b.size());
  auto other = b.begin();
  for (const NgramCount& entry : a) {
    while (other != b.end() && other->ngram < entry.ngram) merged.push_back(*other++);
    merged.push_back(entry);
    if (other == b.end() || other->ngram != entry.ngram) continue;
    merged.back().count = std::max(entry.count, other->count);
    ++other;
  }
  merged.insert(merged.end(), other, b.end());
  return merged;
}

}  // namespace heed
