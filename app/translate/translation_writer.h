#pragma once

#include <cstddef>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "app/align/record_writer.h"
#include "app/translate/translation.h"
#include "data/tokenizer.h"

namespace heed {

enum class AlignmentOutput { kNone, kPharaoh, kSoft };

struct WriterOptions {
  bool json = false;
  bool n_best = false;  // every hypothesis, in plain text as `index ||| text ||| score`
  AlignmentOutput alignments = AlignmentOutput::kNone;
};

/// Writes what one line gave: one line of plain text, `text ||| links` with alignments, one line a
/// hypothesis with n-best, or one JSON object. No line has what may be taken for another's end
/// (data/line_breaks.h) in it: text has spaces there, JSON escapes.
class TranslationWriter {
 public:
  TranslationWriter(std::ostream& out, WriterOptions options, const Tokenizer& src_tokenizer);

  /// What is to be viewed goes to `page` too, which must outlive the writer.
  void add_page(RecordWriter& page) { page_ = &page; }

  /// What became of the lines. Of markup, words, pieces and links are those of the text without it,
  /// which JSON gives too, as `source_text` and `translation_text`.
  void write(const LineBlock& block, const std::vector<std::vector<Translation>>& results);
  void write(const LineBlock& block, const std::vector<MarkupTranslation>& results);

 private:
  void write_line(std::size_t line, const std::string& source,
                  const std::vector<Translation>& results);
  void write_line(std::size_t line, const std::string& source, const MarkupTranslation& result);
  void write_views(const Translation& best);
  void write_plain(std::size_t line, const std::vector<Translation>& results,
                   const std::vector<std::string>& lines);
  std::string links(const Translation& translation) const;

  std::ostream& out_;
  WriterOptions options_;
  const Tokenizer& src_tokenizer_;
  RecordWriter* page_ = nullptr;
};

}  // namespace heed
