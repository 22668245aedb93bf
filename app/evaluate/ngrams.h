#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace heed {

/// Numbers words from 0 by their first occurrence, so that a word is one symbol of an n-gram.
class WordIds {
 public:
  std::uint32_t id_of(std::string_view word);

  template <class Words>
  std::vector<std::uint32_t> ids_of(const Words& words) {
    std::vector<std::uint32_t> ids;
    ids.reserve(words.size());
    for (const std::string_view word : words) ids.push_back(id_of(word));
    return ids;
  }

 private:
  std::unordered_map<std::string, std::uint32_t> ids_;
};

/// An n-gram packed without loss into 128 bits: 4 symbols of 32 bits (word ids) or 6 of 21 bits
/// (code points). Only n-grams of one order are compared with each other.
struct NgramKey {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(const NgramKey&, const NgramKey&) = default;
};

struct NgramCount {
  NgramKey ngram;
  std::int64_t count = 0;
};

/// In ascending order of their keys, each key once.
using NgramCounts = std::vector<NgramCount>;

/// How often each n-gram of `order` symbols occurs in `symbols`, each symbol below
/// 2^`bits_per_symbol`; `order * bits_per_symbol` is at most 128 and `bits_per_symbol` below 64.
NgramCounts count_ngrams(std::span<const std::uint32_t> symbols, std::size_t order,
                         unsigned bits_per_symbol);

/// Sum over all n-grams of the smaller of both counts.
std::int64_t clipped_matches(const NgramCounts& hypothesis, const NgramCounts& reference);

/// The larger of both counts for each n-gram that is in either.
NgramCounts maximum_counts(const NgramCounts& a, const NgramCounts& b);

/// How many n-grams of `order` a sequence of `length` symbols has.
constexpr std::int64_t ngram_total(std::size_t length, std::size_t order) {
  return length < order ? 0 : static_cast<std::int64_t>(length - order + 1);
}

}  // namespace heed
