#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/parallel_corpus.h"
#include "data/text_io.h"

namespace heed {

/// Where the two sides of a pair are told apart.
enum class Side : std::uint8_t { kSrc, kTgt };

/// A line as it stands in its file, and what is around it there.
struct RawLine {
  std::string text;
  bool exists = false;  // false behind the end of its side
  bool had_byte_order_mark = false;
  bool had_carriage_return = false;  // ahead of the line feed
};

struct RawPair {
  RawLine src, tgt;
  std::size_t line = 0;       // from 1, in either file
  bool is_malformed = false;  // a TSV line without exactly one TAB, all of it in src
  RawLine& side(Side side) { return side == Side::kSrc ? src : tgt; }
  const RawLine& side(Side side) const { return side == Side::kSrc ? src : tgt; }
};

/// Two files side by side, to the end of the longer, or a TSV file; text as it is, faults included.
class PairSource {
 public:
  /// The file names: source and target, or one of TSV. Throws std::runtime_error as LineReader.
  explicit PairSource(const std::vector<std::filesystem::path>& files);

  bool next(RawPair& pair);
  bool is_tsv() const { return readers_.size() == 1; }
  const std::string& name(Side side) const {
    return side == Side::kSrc ? readers_.front().name() : readers_.back().name();
  }
  /// Lines read of a side.
  std::size_t lines(Side side) const {
    return side == Side::kSrc ? readers_.front().line_number() : readers_.back().line_number();
  }

 private:
  bool next_tsv(RawPair& pair);

  std::vector<LineReader> readers_;
};

/// The sources of a text, in the order in which training reads them. Throws std::runtime_error when
/// there are not as many source files as target files.
std::vector<std::vector<std::filesystem::path>> sources_of(const ParallelFiles& files);

}  // namespace heed
