#include "app/pair_reader.h"

#include <fmt/format.h>

#include <iterator>
#include <stdexcept>
#include <utility>

#include "app/errors.h"

namespace heed {

namespace {

constexpr std::size_t kBytesAtOnce = 1'000'000;

}  // namespace

PairReader::PairReader(const std::vector<std::string>& files, UndoneLines& undone,
                       const std::optional<Shard>& shard)
    : undone_(undone) {
  if (files.size() > 2)
    throw UsageError(
        fmt::format("{} files given; give source and target, or one TSV file", files.size()));
  const std::vector<std::string> standard_input{"-"};
  input_ = open_shard(files.empty() ? standard_input : files, shard);
  for (const LineReader& reader : input_.readers)
    cleaners_.push_back(std::make_unique<InputCleaner>(reader.name(), &undone));
}

std::vector<GivenPair> PairReader::take(std::size_t max_pairs) {
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  std::vector<GivenPair> pairs;
  try {
    std::size_t bytes = 0;
    for (GivenPair pair; pairs.size() < max_pairs && bytes < kBytesAtOnce && next(pair);
         pair = {}) {
      bytes += pair.src.size() + pair.tgt.size();
      pairs.push_back(std::move(pair));
    }
  } catch (...) {
    if (pairs.empty()) throw;
    failure_ = std::current_exception();
  }
  return pairs;
}

std::vector<GivenPair> PairReader::take_all() {
  std::vector<GivenPair> all;
  for (auto pairs = take(kBytesAtOnce); !pairs.empty(); pairs = take(kBytesAtOnce))
    std::move(pairs.begin(), pairs.end(), std::back_inserter(all));
  return all;
}

std::string PairReader::place() const {
  const LineReader& reader = input_.readers.front();
  return fmt::format("{}:{}", reader.name(), reader.line_number());
}

bool PairReader::next(GivenPair& pair) {
  if (!(input_.readers.size() == 2 ? next_of_two(pair) : next_of_tsv(pair))) return false;
  if (!pair.is_usable) return true;
  const std::size_t line = input_.readers.front().line_number();
  pair.is_usable =
      cleaners_.front()->clean(pair.src, line) && cleaners_.back()->clean(pair.tgt, line);
  if (!pair.is_usable) static_cast<SentencePair&>(pair) = {};
  return true;
}

bool PairReader::next_of_two(GivenPair& pair) {
  LineReader& src = input_.readers.front();
  LineReader& tgt = input_.readers.back();
  const bool has_src = src.next(pair.src);
  const bool has_tgt = tgt.next(pair.tgt);
  if (has_src == has_tgt) return has_src;
  const LineReader& shorter = has_src ? tgt : src;
  const LineReader& longer = has_src ? src : tgt;
  throw std::runtime_error(
      fmt::format("{} ends after {} lines, {} goes on; they must be line by line", shorter.name(),
                  shorter.line_number(), longer.name()));
}

bool PairReader::next_of_tsv(GivenPair& pair) {
  LineReader& reader = input_.readers.front();
  const bool is_first = reader.line_number() == 0;
  std::string line;
  if (!reader.next(line)) return false;
  const auto tab = find_only_tab(line);
  pair.is_usable = tab.has_value();
  if (!tab) {
    constexpr const char* kReason = "not a source, one TAB and a target";
    if (is_first) throw std::runtime_error(fmt::format("{}: {}", place(), kReason));
    undone_.add(place(), kReason);
    return true;
  }
  pair.src = line.substr(0, *tab);
  pair.tgt = line.substr(*tab + 1);
  return true;
}

}  // namespace heed
