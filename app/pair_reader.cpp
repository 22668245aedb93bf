#include "app/pair_reader.h"

#include <fmt/format.h>

#include <stdexcept>

#include "app/clean_input.h"
#include "app/errors.h"

namespace heed {

PairReader::PairReader(const std::vector<std::string>& files, const std::optional<Shard>& shard) {
  if (files.size() > 2)
    throw UsageError(
        fmt::format("{} files given; give source and target, or one TSV file", files.size()));
  const std::vector<std::string> standard_input{"-"};
  input_ = open_shard(files.empty() ? standard_input : files, shard);
}

std::vector<SentencePair> PairReader::take(std::size_t max_pairs) {
  std::vector<SentencePair> pairs;
  SentencePair pair;
  while (pairs.size() < max_pairs && next(pair)) pairs.push_back(std::move(pair));
  return pairs;
}

bool PairReader::next(SentencePair& pair) {
  const std::vector<LineReader>& readers = input_.readers;
  if (!(readers.size() == 2 ? next_of_two(pair) : next_of_tsv(pair))) return false;
  clean_line(pair.src, readers.front().name(), readers.front().line_number());
  clean_line(pair.tgt, readers.back().name(), readers.front().line_number());
  return true;
}

bool PairReader::next_of_two(SentencePair& pair) {
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

bool PairReader::next_of_tsv(SentencePair& pair) {
  LineReader& reader = input_.readers.front();
  std::string line;
  if (!reader.next(line)) return false;
  const std::size_t tab = line.find('\t');
  if (tab == std::string::npos || line.find('\t', tab + 1) != std::string::npos)
    throw std::runtime_error(fmt::format("{}:{}: not a source, one TAB and a target", reader.name(),
                                         reader.line_number()));
  pair.src = line.substr(0, tab);
  pair.tgt = line.substr(tab + 1);
  return true;
}

}  // namespace heed
