#include "model/word_alignment/lexical_table.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace heed {
namespace {

constexpr std::size_t kLeastToSort = 1024;

void make_set(std::vector<std::int32_t>& words) {
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
}

/// For each source word the target words that it meets, increasing.
std::vector<std::vector<std::int32_t>> collect_partners(std::span<const SegmentedSentence> src,
                                                        std::span<const SegmentedSentence> tgt,
                                                        std::size_t src_vocab) {
  std::vector<std::vector<std::int32_t>> partners(src_vocab);
  std::vector<std::size_t> sort_at(src_vocab, kLeastToSort);
  for (std::size_t pair = 0; pair < src.size(); ++pair) {
    WordIds distinct = tgt[pair].ids;
    make_set(distinct);
    for (const std::int32_t word : src[pair].ids) {
      const auto index = static_cast<std::size_t>(word);
      std::vector<std::int32_t>& list = partners[index];
      list.insert(list.end(), distinct.begin(), distinct.end());
      // Now and then without repeats, so that a frequent word needs no more room than its partners.
      if (list.size() < sort_at[index]) continue;
      make_set(list);
      sort_at[index] = std::max(kLeastToSort, 2 * list.size());
    }
  }
  for (auto& list : partners) make_set(list);
  return partners;
}

void add(std::vector<float>& sums, std::vector<float>& others) {
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += others[i];
  std::fill(others.begin(), others.end(), 0.0F);
}

void normalize(std::vector<float>& values, const std::vector<float>& counts) {
  double sum = 0.0;
  for (const float count : counts) sum += static_cast<double>(count);
  if (!(sum > 0.0)) return;
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(static_cast<double>(counts[i]) / sum);
}

}  // namespace

LexicalTable::LexicalTable(std::span<const SegmentedSentence> src,
                           std::span<const SegmentedSentence> tgt, std::size_t src_vocab,
                           std::size_t tgt_vocab) {
  const auto partners = collect_partners(src, tgt, src_vocab);
  std::size_t size = 0;
  offsets_.push_back(0);
  std::vector<std::uint32_t> src_words_of(tgt_vocab, 0);
  for (const auto& list : partners) {
    size += list.size();
    if (size >= std::numeric_limits<std::uint32_t>::max())
      throw std::runtime_error("more than four thousand million pairs of words: align less text");
    offsets_.push_back(static_cast<std::uint32_t>(size));
    for (const std::int32_t word : list) ++src_words_of[static_cast<std::size_t>(word)];
  }
  for (const auto& list : partners) {
    for (const std::int32_t word : list) {
      tgt_words_.push_back(word);
      tgt_given_src_.push_back(1.0F / static_cast<float>(list.size()));
      src_given_tgt_.push_back(1.0F /
                               static_cast<float>(src_words_of[static_cast<std::size_t>(word)]));
    }
  }
  tgt_of_null_.assign(tgt_vocab, 1.0F / static_cast<float>(std::max<std::size_t>(1, tgt_vocab)));
  src_of_null_.assign(src_vocab, 1.0F / static_cast<float>(std::max<std::size_t>(1, src_vocab)));
}

std::uint32_t LexicalTable::find(std::int32_t src, std::int32_t tgt) const {
  const auto word = static_cast<std::size_t>(src);
  if (word >= src_vocab()) return kMissing;
  const auto begin = tgt_words_.begin() + offsets_[word];
  const auto end = tgt_words_.begin() + offsets_[word + 1];
  const auto place = std::lower_bound(begin, end, tgt);
  if (place == end || *place != tgt) return kMissing;
  return static_cast<std::uint32_t>(place - tgt_words_.begin());
}

void LexicalTable::find_all(const WordIds& src, const WordIds& tgt,
                            std::vector<std::uint32_t>& places) const {
  places.resize(src.size() * tgt.size());
  for (std::size_t s = 0; s < src.size(); ++s)
    for (std::size_t t = 0; t < tgt.size(); ++t) places[t * src.size() + s] = find(src[s], tgt[t]);
}

LexicalTable::Counts::Counts(const LexicalTable& table)
    : tgt_of_src(table.size(), 0.0F),
      src_of_tgt(table.size(), 0.0F),
      tgt_of_null(table.tgt_vocab(), 0.0F),
      src_of_null(table.src_vocab(), 0.0F) {}

void LexicalTable::Counts::take(Counts& other) {
  add(tgt_of_src, other.tgt_of_src);
  add(src_of_tgt, other.src_of_tgt);
  add(tgt_of_null, other.tgt_of_null);
  add(src_of_null, other.src_of_null);
}

void LexicalTable::set_from(const Counts& counts) {
  std::vector<double> tgt_sums(tgt_vocab(), 0.0);
  for (std::size_t word = 0; word < src_vocab(); ++word) {
    double sum = 0.0;
    for (std::size_t place = offsets_[word]; place < offsets_[word + 1]; ++place) {
      sum += static_cast<double>(counts.tgt_of_src[place]);
      tgt_sums[static_cast<std::size_t>(tgt_words_[place])] +=
          static_cast<double>(counts.src_of_tgt[place]);
    }
    if (!(sum > 0.0)) continue;
    for (std::size_t place = offsets_[word]; place < offsets_[word + 1]; ++place)
      tgt_given_src_[place] =
          static_cast<float>(static_cast<double>(counts.tgt_of_src[place]) / sum);
  }
  for (std::size_t place = 0; place < size(); ++place) {
    const double sum = tgt_sums[static_cast<std::size_t>(tgt_words_[place])];
    if (sum > 0.0)
      src_given_tgt_[place] =
          static_cast<float>(static_cast<double>(counts.src_of_tgt[place]) / sum);
  }
  normalize(tgt_of_null_, counts.tgt_of_null);
  normalize(src_of_null_, counts.src_of_null);
}

}  // namespace heed
