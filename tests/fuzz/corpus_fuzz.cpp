#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "data/parallel_corpus.h"
#include "data/strict_text.h"
#include "data/text_io.h"
#include "data/utf8.h"
#include "data/white_space.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/gzip.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

/// The lines of `text` by the contract of LineReader.
std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (end < text.size() && line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::optional<std::vector<std::string>> lines_in(const fs::path& path) {
  std::vector<std::string> lines;
  const bool is_read = reads(path, [&] { lines = read_lines(path); });
  return is_read ? std::optional(lines) : std::nullopt;
}

void check_range(const fs::path& path, const std::vector<std::string>& lines, LineRange range) {
  const LineIndex index = index_lines(path);
  require_property(index.lines == lines.size(), "an index counts the lines");
  LineReader reader(path, index, range);
  std::size_t next = range.begin;
  for (std::string line; reader.next(line); ++next) {
    require_property(next < std::min(range.end, lines.size()) && line == lines[next],
                     "a range of lines is a part of them");
    require_property(reader.line_number() == next + 1, "lines of a range keep their numbers");
  }
  require_property(next == std::max(range.begin, std::min(range.end, lines.size())),
                   "a range is whole");
}

void check_training_text(const fs::path& path, const std::vector<std::string>& lines) {
  reads(path, [&] {
    StrictLineReader reader(path);
    for (std::string line; reader.next(line);)
      require_property(is_valid_utf8(line) && line.find('\0') == std::string::npos,
                       "training lines are valid UTF-8 without NUL");
    require_property(reader.line_number() == lines.size(), "strict lines are all lines");
  });
  reads(path, [&] {
    const ParallelCorpus corpus = load_parallel({{}, {}, {path}});
    require_property(corpus.report.pairs_read == lines.size(), "each line of a TSV is a pair");
    require_property(corpus.pairs.size() == corpus.report.pairs_kept, "pairs that are kept");
    for (const SentencePair& pair : corpus.pairs)
      require_property(!is_blank(pair.src) && !is_blank(pair.tgt), "no side is empty");
  });
}

void run(std::string_view input) {
  InputBytes bytes(input);
  const LineRange range{bytes.take(), bytes.take()};
  const fs::path path = file_of(bytes.rest(), "corpus");
  const auto lines = lines_in(path);
  if (!bytes.rest().starts_with("\x1F\x8B")) {
    require_property(lines == lines_of(bytes.rest()), "plain text is split at its line ends");
    require_property(read_lines(file_of(gzip(bytes.rest()), "packed")) == *lines,
                     "packed text reads as the text");
  }
  if (!lines) return;
  if (range.begin <= range.end) check_range(path, *lines, range);
  check_training_text(path, *lines);
}

const FuzzRegistration kRegistration("corpus", run);

}  // namespace
}  // namespace heed
