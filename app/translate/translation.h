#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "app/align/attention_record.h"
#include "app/align/link.h"
#include "data/text_cutter.h"
#include "data/tokenizer.h"
#include "model/hypothesis.h"

namespace heed {

/// Lines that are translated together.
struct LineBlock {
  std::span<const std::string> lines;          // valid UTF-8
  std::size_t first_line = 1;                  // the number of the first, from 1
  std::span<const std::string> prefixes = {};  // what each one's translations begin with, or none

  std::size_t size() const { return lines.size(); }
  LineBlock part(std::size_t begin, std::size_t count) const {
    return {lines.subspan(begin, count), first_line + begin,
            prefixes.empty() ? prefixes : prefixes.subspan(begin, count)};
  }
};

/// A stretch of a line that was translated by itself, and what became of it.
struct TranslatedPart {
  TextRange src;                // bytes of the line
  TextRange tgt;                // bytes of the output
  std::size_t first_piece = 0;  // of the output's pieces those from here
  std::size_t last_piece = 0;   // up to, not with, here are the part's
};

/// One output for one line.
struct Translation {
  std::string text;
  Hypothesis hypothesis;  // of a line in parts: all tokens, the sums of probabilities and scores
  std::vector<Piece> pieces;           // of the output, one a token, byte ranges in text
  std::vector<TranslatedPart> parts;   // at least one
  std::vector<Link> links;             // between words; empty unless asked for
  std::vector<AttentionRecord> views;  // what a page shows of it, one record a part; likewise
};

/// A line translated with its markup.
struct MarkupTranslation {
  std::string source_text;                // what the model read
  std::vector<Translation> translations;  // of `source_text`
  std::vector<std::string> lines;         // one for each translation, with the markup of the source
};

}  // namespace heed
