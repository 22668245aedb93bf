#include "app/check/pair_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "data/utf8.h"

namespace heed {
namespace {

bool read(LineReader& reader, RawLine& line) {
  line.exists = reader.next(line.text);
  line.had_carriage_return = line.exists && reader.dropped_carriage_return();
  line.had_byte_order_mark =
      line.exists && reader.line_number() == 1 && line.text.starts_with(kUtf8ByteOrderMark);
  if (line.had_byte_order_mark) line.text.erase(0, kUtf8ByteOrderMark.size());
  if (!line.exists) line.text.clear();
  return line.exists;
}

}  // namespace

PairSource::PairSource(const std::vector<std::filesystem::path>& files) {
  for (const auto& file : files) readers_.emplace_back(file);
}

bool PairSource::next(RawPair& pair) {
  pair.is_malformed = false;
  if (is_tsv()) return next_tsv(pair);
  const bool has_src = read(readers_.front(), pair.src);
  const bool has_tgt = read(readers_.back(), pair.tgt);
  pair.line = std::max(readers_.front().line_number(), readers_.back().line_number());
  return has_src || has_tgt;
}

bool PairSource::next_tsv(RawPair& pair) {
  if (!read(readers_.front(), pair.src)) return false;
  pair.line = readers_.front().line_number();
  pair.tgt = {};
  pair.tgt.exists = true;
  const auto tab = find_only_tab(pair.src.text);
  pair.is_malformed = !tab;
  if (!tab) return true;
  pair.tgt.text = pair.src.text.substr(*tab + 1);
  pair.src.text.resize(*tab);
  return true;
}

std::vector<std::vector<std::filesystem::path>> sources_of(const ParallelFiles& files) {
  if (files.src.size() != files.tgt.size())
    throw std::runtime_error(
        fmt::format("{} source files but {} target files; give each source file its target file",
                    files.src.size(), files.tgt.size()));
  std::vector<std::vector<std::filesystem::path>> sources;
  for (std::size_t k = 0; k < files.src.size(); ++k)
    sources.push_back({files.src[k], files.tgt[k]});
  for (const auto& tsv : files.tsv) sources.push_back({tsv});
  return sources;
}

}  // namespace heed
