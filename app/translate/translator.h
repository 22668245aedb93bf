#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "app/align/aligner.h"
#include "app/model_bundle.h"
#include "app/translate/batch_translator.h"
#include "app/worker_pool.h"

namespace heed {

struct TranslatorOptions {
  SearchOptions search;
  std::size_t max_tokens = 2048;  // of a batch: sentences times the longest source
  bool want_alignments = false;
  HeadSelection selection;           // of want_alignments
  std::size_t last_viewed_line = 0;  // lines up to this number keep what a page shows
};

/// One output for one line.
struct Translation {
  std::string text;
  Hypothesis hypothesis;
  std::vector<Piece> pieces;  // of the output, byte ranges in text
  /// Between words; empty unless asked for. Of a line to view, that of the best translation has all
  /// attention, its pieces and how the search came to it.
  AttentionRecord alignment;
};

/// Lines in, translations out.
class Translator {
 public:
  /// Both must outlive the translator.
  Translator(const ModelBundle& bundle, WorkerPool& pool, TranslatorOptions options);

  /// For each line (valid UTF-8) its n-best translations, at least one; that of an empty line is
  /// empty. `first_line` numbers the lines in alignments.
  std::vector<std::vector<Translation>> translate(
      const std::vector<std::string>& lines, std::size_t first_line,
      const std::function<void(std::size_t)>& on_progress = {}) const;

 private:
  std::vector<std::vector<Translation>> translate_block(
      const std::vector<std::string>& lines, std::size_t first_line, bool is_viewed,
      const std::function<void(std::size_t)>& on_progress) const;
  void add_alignments(const std::vector<std::string>& lines, std::size_t first_line,
                      std::vector<std::vector<Translation>>& results) const;
  void add_views(const std::vector<std::string>& lines, std::size_t first_line,
                 std::span<const SearchTrace> traces,
                 std::vector<std::vector<Translation>>& results) const;
  AlignmentInput make_input(const std::string& line, std::size_t number,
                            const Translation& translation) const;

  const ModelBundle& bundle_;
  TranslatorOptions options_;
  BatchTranslator batch_translator_;
  Aligner aligner_;
  Aligner viewer_;  // as aligner_, keeping what a page shows
};

}  // namespace heed
