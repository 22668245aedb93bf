#include "data/encoded_corpus.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <variant>

#include "data/encoded_cache.h"
#include "data/hash.h"
#include "data/mapped_file.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunkPairs = 1 << 14;  // encoded between two spells of reading
constexpr std::size_t kBlockPairs = 64;       // that a thread takes at a time

struct EncodedPair {
  std::vector<TokenId> src;
  std::vector<TokenId> tgt;
};

/// The ids of a corpus while it grows.
struct OwnedTable {
  std::vector<std::uint64_t> src_offsets = {0};
  std::vector<std::uint64_t> tgt_offsets = {0};
  std::vector<TokenId> src_ids;
  std::vector<TokenId> tgt_ids;

  void add(std::span<const TokenId> src, std::span<const TokenId> tgt) {
    src_ids.insert(src_ids.end(), src.begin(), src.end());
    tgt_ids.insert(tgt_ids.end(), tgt.begin(), tgt.end());
    src_offsets.push_back(src_ids.size());
    tgt_offsets.push_back(tgt_ids.size());
  }

  EncodedTable view() const { return {src_offsets, tgt_offsets, src_ids, tgt_ids}; }
};

/// Calls work(i) for every i < size on several threads; rethrows the first exception.
template <typename Work>
void for_each_index(std::size_t size, int threads, const Work& work) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr error;
  std::once_flag error_once;
  const auto run = [&] {
    try {
      for (std::size_t begin = next.fetch_add(kBlockPairs); begin < size;
           begin = next.fetch_add(kBlockPairs)) {
        for (std::size_t i = begin; i < std::min(size, begin + kBlockPairs); ++i) work(i);
      }
    } catch (...) {
      std::call_once(error_once, [&] { error = std::current_exception(); });
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (int i = 1; i < threads; ++i) helpers.emplace_back(run);
    run();
  }
  if (error) std::rethrow_exception(error);
}

/// Encodes pairs chunk by chunk, keeping their order.
class CorpusEncoder {
 public:
  CorpusEncoder(const Tokenizer& src, const Tokenizer& tgt, const EncodeOptions& options)
      : src_(src), tgt_(tgt), options_(options) {}

  void add(SentencePair&& pair) {
    chunk_.push_back(std::move(pair));
    if (chunk_.size() == kChunkPairs) flush();
  }

  void flush() {
    std::vector<EncodedPair> encoded(chunk_.size());
    for_each_index(chunk_.size(), options_.threads, [&](std::size_t i) {
      encoded[i] = {src_.encode(chunk_[i].src), tgt_.encode(chunk_[i].tgt)};
    });
    chunk_.clear();
    for (const EncodedPair& pair : encoded) keep(pair);
  }

  void count_corpus(const CorpusReport& report) {
    counts_.pairs_read += report.pairs_read;
    counts_.empty_pairs += report.empty_pairs;
  }

  OwnedTable& table() { return table_; }
  const EncodedCounts& counts() const { return counts_; }

 private:
  void keep(const EncodedPair& pair) {
    const std::size_t longer = std::max(pair.src.size(), pair.tgt.size());
    if (pair.src.empty() || pair.tgt.empty()) {
      ++counts_.empty_pairs;
    } else if (options_.max_length != 0 && longer > options_.max_length) {
      ++counts_.too_long_pairs;
    } else {
      table_.add(pair.src, pair.tgt);
    }
  }

  const Tokenizer& src_;
  const Tokenizer& tgt_;
  EncodeOptions options_;
  std::vector<SentencePair> chunk_;
  OwnedTable table_;
  EncodedCounts counts_;
};

bool are_regular(const std::vector<fs::path>& paths) {
  return std::all_of(paths.begin(), paths.end(), [](const fs::path& path) {
    std::error_code ignored;
    return path != "-" && fs::is_regular_file(path, ignored);
  });
}

void add_files(ContentHash& hash, const std::vector<fs::path>& paths) {
  hash.add_number(paths.size());
  for (const fs::path& path : paths) hash.add(MappedFile(path).bytes());
}

// Stands for everything that the ids depend on.
std::uint64_t cache_key(const ParallelFiles& files, const Tokenizer& src, const Tokenizer& tgt,
                        const EncodeOptions& options) {
  ContentHash hash;
  hash.add_number(src.hash());
  hash.add_number(tgt.hash());
  hash.add_number(options.max_length);
  add_files(hash, files.src);
  add_files(hash, files.tgt);
  add_files(hash, files.tsv);
  return hash.value();
}

std::vector<PairLength> lengths_of(const EncodedTable& table) {
  std::vector<PairLength> lengths(table.src_offsets.size() - 1);
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    lengths[i] = {static_cast<std::uint32_t>(table.src_offsets[i + 1] - table.src_offsets[i]),
                  static_cast<std::uint32_t>(table.tgt_offsets[i + 1] - table.tgt_offsets[i])};
  }
  return lengths;
}

std::span<const TokenId> ids_of_pair(std::span<const std::uint64_t> offsets,
                                     std::span<const TokenId> ids, std::size_t i) {
  return ids.subspan(offsets[i], offsets[i + 1] - offsets[i]);
}

}  // namespace

struct EncodedCorpus::Data {
  Data(OwnedTable owned, const EncodedCounts& counts) : storage(std::move(owned)) {
    describe(std::get<OwnedTable>(storage).view(), counts, false);
  }

  explicit Data(EncodedCache cache) : storage(std::move(cache)) {
    const EncodedCache& stored = std::get<EncodedCache>(storage);
    describe(stored.table, stored.counts, true);
  }

  void describe(const EncodedTable& view, const EncodedCounts& counts, bool from_cache) {
    table = view;
    lengths = lengths_of(table);
    report = {counts.pairs_read, counts.empty_pairs,   counts.too_long_pairs,
              lengths.size(),    table.src_ids.size(), table.tgt_ids.size(),
              from_cache};
  }

  std::variant<OwnedTable, EncodedCache> storage;
  EncodedTable table;  // points into storage
  std::vector<PairLength> lengths;
  EncodedCorpusReport report;
};

EncodedCorpus::EncodedCorpus(std::shared_ptr<const Data> data)
    : data_(std::move(data)), lengths_(data_, &data_->lengths), report_(data_->report) {}

EncodedCorpus EncodedCorpus::from_ids(std::span<const std::vector<TokenId>> src,
                                      std::span<const std::vector<TokenId>> tgt) {
  if (src.size() != tgt.size()) throw std::invalid_argument("the sides differ in their size");
  OwnedTable table;
  for (std::size_t i = 0; i < src.size(); ++i) table.add(src[i], tgt[i]);
  const EncodedCounts counts{src.size(), 0, 0};
  return EncodedCorpus(std::make_shared<const Data>(std::move(table), counts));
}

EncodedCorpus EncodedCorpus::reversed() const {
  EncodedCorpus other = *this;
  std::vector<PairLength> lengths = *lengths_;
  for (PairLength& length : lengths) std::swap(length.src, length.tgt);
  other.lengths_ = std::make_shared<const std::vector<PairLength>>(std::move(lengths));
  for (Direction& direction : other.directions_) direction = opposite(direction);
  std::swap(other.report_.src_tokens, other.report_.tgt_tokens);
  return other;
}

EncodedCorpus EncodedCorpus::in_both_directions() const {
  const EncodedCorpus other = reversed();
  EncodedCorpus both = *this;
  std::vector<PairLength> lengths = *lengths_;
  lengths.insert(lengths.end(), other.lengths().begin(), other.lengths().end());
  both.lengths_ = std::make_shared<const std::vector<PairLength>>(std::move(lengths));
  both.directions_.push_back(other.directions_.front());
  both.report_.src_tokens += other.report_.src_tokens;
  both.report_.tgt_tokens += other.report_.tgt_tokens;
  return both;
}

std::size_t EncodedCorpus::size() const {
  return lengths_->size();
}

std::size_t EncodedCorpus::pairs() const {
  return data_->lengths.size();
}

Direction EncodedCorpus::direction(std::size_t i) const {
  return directions_[i / pairs()];
}

std::span<const TokenId> EncodedCorpus::side(std::size_t i, Direction direction) const {
  const EncodedTable& table = data_->table;
  return direction == Direction::kForward
             ? ids_of_pair(table.src_offsets, table.src_ids, i % pairs())
             : ids_of_pair(table.tgt_offsets, table.tgt_ids, i % pairs());
}

std::span<const TokenId> EncodedCorpus::src(std::size_t i) const {
  return side(i, direction(i));
}

std::span<const TokenId> EncodedCorpus::tgt(std::size_t i) const {
  return side(i, opposite(direction(i)));
}

const std::vector<PairLength>& EncodedCorpus::lengths() const {
  return *lengths_;
}

const EncodedCorpusReport& EncodedCorpus::report() const {
  return report_;
}

std::uint64_t EncodedCorpus::hash() const {
  return hash_of(data_->table);
}

EncodedCorpus encode_corpus(const ParallelFiles& files, const Tokenizer& src_tokenizer,
                            const Tokenizer& tgt_tokenizer, const EncodeOptions& options,
                            const fs::path& cache_path) {
  using Data = EncodedCorpus::Data;
  const bool has_cache = !cache_path.empty() && are_regular(files.src) && are_regular(files.tgt) &&
                         are_regular(files.tsv);
  std::uint64_t key = 0;
  if (has_cache) {
    key = cache_key(files, src_tokenizer, tgt_tokenizer, options);
    auto cache =
        read_encoded_cache(cache_path, key, src_tokenizer.vocab_size(), tgt_tokenizer.vocab_size());
    if (cache) return EncodedCorpus(std::make_shared<const Data>(std::move(*cache)));
  }
  CorpusEncoder encoder(src_tokenizer, tgt_tokenizer, options);
  encoder.count_corpus(
      read_parallel(files, [&encoder](SentencePair&& pair) { encoder.add(std::move(pair)); }));
  encoder.flush();
  if (has_cache) write_encoded_cache(cache_path, key, encoder.table().view(), encoder.counts());
  return EncodedCorpus(std::make_shared<const Data>(std::move(encoder.table()), encoder.counts()));
}

}  // namespace heed
