#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/align/aligner.h"
#include "app/model_bundle.h"
#include "app/translate/batch_translator.h"
#include "app/translate/line_splitter.h"
#include "app/translate/part_alignment.h"
#include "app/translate/translation.h"
#include "app/translate/translation_join.h"
#include "app/worker_pool.h"

namespace heed {

struct TranslatorOptions {
  SearchOptions search;
  WeightPrecision precision = WeightPrecision::kFp32;  // on a CPU
  std::size_t max_tokens = 2048;  // of a batch: sentences times the longest source
  bool want_alignments = false;
  HeadSelection selection;           // of want_alignments
  std::size_t last_viewed_line = 0;  // lines up to this number keep what a page shows
  bool split_sentences = false;
  /// A line of more pieces is translated in parts, with a warning; none: trained_length(), 0:
  /// never.
  std::optional<std::size_t> split_length;
};

/// Of a line that is translated in parts so many have views.
inline constexpr std::size_t kViewedParts = 20;

/// The pieces of the longest source that a model was trained on; 0: not known.
std::size_t trained_length(const RunConfig& config);

/// Lines in, translations out.
class Translator {
 public:
  /// Both must outlive the translator.
  Translator(const ModelBundle& bundle, WorkerPool& pool, TranslatorOptions options);

  /// For each line (valid UTF-8) its n-best translations, at least one; that of an empty line is
  /// empty. Long lines, and with `split_sentences` every line, are translated in parts.
  /// `first_line` numbers the lines in views and warnings.
  std::vector<std::vector<Translation>> translate(
      const std::vector<std::string>& lines, std::size_t first_line,
      const std::function<void(std::size_t)>& on_progress = {}) const;

 private:
  std::vector<std::vector<Translation>> translate_block(
      const std::vector<std::string>& lines, std::size_t first_line, bool is_viewed,
      const std::function<void(std::size_t)>& on_progress) const;
  SplitLine split(const std::string& line, std::size_t number, std::size_t pieces) const;
  std::vector<Translation> decode(std::vector<Hypothesis> hypotheses, std::size_t src_size) const;
  void add_links(const std::vector<std::string>& lines, std::size_t first_line,
                 std::vector<std::vector<Translation>>& results) const;
  /// `traces` are those of the line's parts.
  void add_views(const std::string& line, std::size_t number, std::span<const SearchTrace> traces,
                 Translation& best) const;

  const ModelBundle& bundle_;
  TranslatorOptions options_;
  BatchTranslator batch_translator_;
  LineSplitter splitter_;
  TranslationJoiner joiner_;
  Aligner aligner_;
  Aligner viewer_;                                   // as aligner_, keeping what a page shows
  mutable std::atomic<std::size_t> long_lines_ = 0;  // those that were longer than the limit
};

}  // namespace heed
