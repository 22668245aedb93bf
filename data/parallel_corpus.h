#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

/// Where parallel text lies. Files are anything LineReader reads.
struct ParallelFiles {
  /// Line n of src[k] and line n of tgt[k] are a pair.
  std::vector<std::filesystem::path> src;
  std::vector<std::filesystem::path> tgt;

  /// Files with a pair in each line, source TAB target; read after src and tgt.
  std::vector<std::filesystem::path> tsv;
};

struct SentencePair {
  std::string src;
  std::string tgt;
  bool operator==(const SentencePair&) const = default;
};

/// Where the TAB of a TSV line is, source TAB target; nothing unless there is exactly one.
std::optional<std::size_t> find_only_tab(std::string_view line);

struct CorpusReport {
  std::size_t pairs_read = 0;
  std::size_t empty_pairs = 0;  // dropped: a side is empty or holds white space only
  std::size_t pairs_kept = 0;   // pairs_read - empty_pairs
};

/// Hands every pair of `files` to `consume`, in order. A byte-order mark at a file's start is
/// dropped.
///
/// Training text is taken strictly. Each of these is a std::runtime_error that names the file and,
/// where there is one, the line: the sides differ in their number of files or lines, a TSV line has
/// not exactly one TAB, ill-formed UTF-8, a NUL byte, a file that cannot be read.
CorpusReport read_parallel(const ParallelFiles& files,
                           const std::function<void(SentencePair&&)>& consume);

/// The same with the number of each pair: that of its line, counted from 0 over all files, lines
/// that are left out included.
CorpusReport read_parallel(const ParallelFiles& files,
                           const std::function<void(SentencePair&&, std::size_t)>& consume);

struct ParallelCorpus {
  std::vector<SentencePair> pairs;
  CorpusReport report;
};

/// `read_parallel` into memory.
ParallelCorpus load_parallel(const ParallelFiles& files);

}  // namespace heed
