#include "data/parallel_corpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "data/strict_text.h"
#include "data/white_space.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

/// Counts pairs and hands on those with text on both sides.
class PairSink {
 public:
  explicit PairSink(const std::function<void(SentencePair&&, std::size_t)>& consume)
      : consume_(consume) {}

  void add(SentencePair&& pair) {
    const std::size_t number = report_.pairs_read++;
    if (is_blank(pair.src) || is_blank(pair.tgt)) {
      ++report_.empty_pairs;
      return;
    }
    ++report_.pairs_kept;
    consume_(std::move(pair), number);
  }

  const CorpusReport& report() const { return report_; }

 private:
  const std::function<void(SentencePair&&, std::size_t)>& consume_;
  CorpusReport report_;
};

std::size_t count_lines(StrictLineReader& reader) {
  for (std::string line; reader.next(line);) {
  }
  return reader.line_number();
}

void read_file_pair(const fs::path& src_path, const fs::path& tgt_path, PairSink& sink) {
  StrictLineReader src(src_path);
  StrictLineReader tgt(tgt_path);
  for (;;) {
    SentencePair pair;
    const bool has_src = src.next(pair.src);
    const bool has_tgt = tgt.next(pair.tgt);
    if (has_src != has_tgt) {
      throw std::runtime_error(fmt::format(
          "{} has {} lines but {} has {}; line n of one must translate line n of the other",
          src.name(), count_lines(src), tgt.name(), count_lines(tgt)));
    }
    if (!has_src) return;
    sink.add(std::move(pair));
  }
}

void read_tsv(const fs::path& path, PairSink& sink) {
  StrictLineReader reader(path);
  for (std::string line; reader.next(line);) {
    const auto tab = find_only_tab(line);
    if (!tab) {
      throw std::runtime_error(
          fmt::format("{}:{}: {} TABs in the line; it must be source TAB target", reader.name(),
                      reader.line_number(), std::count(line.begin(), line.end(), '\t')));
    }
    sink.add({line.substr(0, *tab), line.substr(*tab + 1)});
  }
}

}  // namespace

std::optional<std::size_t> find_only_tab(std::string_view line) {
  const std::size_t tab = line.find('\t');
  if (tab == std::string_view::npos || line.find('\t', tab + 1) != std::string_view::npos)
    return std::nullopt;
  return tab;
}

CorpusReport read_parallel(const ParallelFiles& files,
                           const std::function<void(SentencePair&&)>& consume) {
  return read_parallel(files, [&](SentencePair&& pair, std::size_t) { consume(std::move(pair)); });
}

CorpusReport read_parallel(const ParallelFiles& files,
                           const std::function<void(SentencePair&&, std::size_t)>& consume) {
  if (files.src.size() != files.tgt.size()) {
    throw std::runtime_error(
        fmt::format("{} source files but {} target files; give each source file its target file",
                    files.src.size(), files.tgt.size()));
  }
  PairSink sink(consume);
  for (std::size_t k = 0; k < files.src.size(); ++k) {
    read_file_pair(files.src[k], files.tgt[k], sink);
  }
  for (const fs::path& path : files.tsv) read_tsv(path, sink);
  return sink.report();
}

ParallelCorpus load_parallel(const ParallelFiles& files) {
  ParallelCorpus corpus;
  corpus.report = read_parallel(
      files, [&corpus](SentencePair&& pair) { corpus.pairs.push_back(std::move(pair)); });
  return corpus;
}

}  // namespace heed
