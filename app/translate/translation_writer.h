#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "app/align/record_writer.h"
#include "app/translate/markup_translator.h"
#include "app/translate/translator.h"

namespace heed {

enum class AlignmentOutput { kNone, kPharaoh, kSoft };

struct WriterOptions {
  bool json = false;
  bool n_best = false;  // every hypothesis, in plain text as `index ||| text ||| score`
  AlignmentOutput alignments = AlignmentOutput::kNone;
};

/// Writes what one line gave: one line of plain text, `text ||| links` with alignments, one line a
/// hypothesis with n-best, or one JSON object.
class TranslationWriter {
 public:
  TranslationWriter(std::ostream& out, WriterOptions options, const Tokenizer& src_tokenizer);

  /// The best translations of lines up to number `last_line` go to `page` too, which must outlive
  /// the writer.
  void add_page(RecordWriter& page, std::size_t last_line);

  /// `line` counts from 1.
  void write(std::size_t line, const std::string& source, const std::vector<Translation>& results);

  /// Writes the translations with their markup; words, pieces and links are those of the text
  /// without it, which JSON gives too, as `source_text` and `translation_text`.
  void write(std::size_t line, const std::string& source, const MarkupTranslation& result);

 private:
  void write_views(const Translation& best);
  void write_plain(std::size_t line, const std::vector<Translation>& results,
                   const std::vector<std::string>& lines);
  std::string links(const Translation& translation) const;

  std::ostream& out_;
  WriterOptions options_;
  const Tokenizer& src_tokenizer_;
  RecordWriter* page_ = nullptr;
  std::size_t last_page_line_ = 0;
};

}  // namespace heed
