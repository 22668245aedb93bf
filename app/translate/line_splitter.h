#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "data/text_cutter.h"

namespace heed {

struct SplitOptions {
  bool sentences = false;      // each sentence is a part
  std::size_t max_pieces = 0;  // of a part; 0: any number
};

/// The parts of a line that are translated one by one, in order. White space alone is outside of
/// them.
struct SplitLine {
  std::vector<TextRange> parts;  // at least one; one is the whole line, as it is
  /// Of the line, or of the longest of its sentences, where that was more than allowed; else 0.
  std::size_t excess_pieces = 0;
};

/// Cuts lines into parts that a model can translate.
class LineSplitter {
 public:
  /// Where each piece of a text begins.
  using PieceStarts = std::function<std::vector<std::size_t>(std::string_view)>;

  /// `language` is the text's, as TextCutter takes it.
  LineSplitter(std::string language, const SplitOptions& options, PieceStarts piece_starts);

  /// `line` is valid UTF-8 and has `pieces` pieces. A text of more than `max_pieces` is cut at the
  /// ends of sentences; what is still longer, at the ends of clauses, then at white space, between
  /// grapheme clusters, and between code points; each time into the fewest parts, as equal in
  /// length as the cuts allow. No part has more than `max_pieces`, except for a single code point.
  SplitLine split(std::string_view line, std::size_t pieces) const;

 private:
  void divide(std::string_view line, const TextRange& range, TextLevel level,
              SplitLine& result) const;

  TextCutter cutter_;
  SplitOptions options_;
  PieceStarts piece_starts_;
};

}  // namespace heed
