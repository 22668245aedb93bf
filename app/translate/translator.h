#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/model_folder.h"
#include "app/translate/batch_translator.h"
#include "app/translate/line_splitter.h"
#include "app/translate/translation.h"
#include "app/translate/translation_annotator.h"
#include "app/translate/translation_join.h"
#include "app/undone_lines.h"
#include "app/warning_limit.h"
#include "app/worker_pool.h"

namespace heed {

/// Outputs are drawn, not searched for.
struct Drawing {
  DrawOptions draw;
  std::uint64_t seed = 1;
};

struct TranslatorOptions {
  SearchOptions search;
  std::optional<Drawing> drawing;  // by the limits of `search`, as many as its n_best
  std::size_t max_tokens = 2048;   // of a batch: sentences times the longest source
  bool split_sentences = false;
  /// A line of more pieces is translated in parts, with a warning; none: trained_length(). 0, or
  /// more than kMostPieces: that.
  std::optional<std::size_t> split_length;
  /// Gets the lines for which there is no memory, or no number in what the model says, and which
  /// are translated as empty ones; null: std::bad_alloc is passed on.
  UndoneLines* undone = nullptr;
};

/// The pieces of the longest source that a model was trained on; 0: not known.
std::size_t trained_length(const RunConfig& config);

/// Lines in, translations out.
class Translator {
 public:
  /// All references must outlive the translator; so must `annotator`, which may be null.
  Translator(const ModelFolder& model, const ScorerSource& scorers, WorkerPool& pool,
             TranslatorOptions options, const TranslationAnnotator* annotator = nullptr);

  /// For each line its n-best translations, of which those of an empty line are empty; where there
  /// are fewer than n, the last is repeated. None has a line break (data/line_breaks.h) in it, but
  /// for white space of the source between parts. Long lines, and with `split_sentences` every
  /// line, are translated in parts, the first of which begins with the prefix.
  std::vector<std::vector<Translation>> translate(
      const LineBlock& block, const std::function<void(std::size_t)>& on_progress = {}) const;

 private:
  /// A line as it is searched.
  struct Source {
    SplitLine split;
    std::vector<std::vector<TokenId>> ids;  // of each part
    std::vector<TokenId> prefix;            // of the first part's translations
    std::size_t first_part = 0;             // its place in the job
    bool is_undone = false;                 // there was no memory for it
  };

  std::vector<std::vector<Translation>> translate_block(
      const LineBlock& block, bool is_viewed,
      const std::function<void(std::size_t)>& on_progress) const;
  Source make_source(const LineBlock& block, std::size_t index) const;
  /// Takes the ids and prefixes of the sources.
  SearchJob make_job(const LineBlock& block, std::span<Source> sources) const;
  std::vector<std::vector<Hypothesis>> decode(const SearchJob& job,
                                              const std::function<void(std::size_t)>& on_progress,
                                              std::vector<SearchTrace>* traces) const;
  /// Makes empty the lines of those `parts` of a job that there is no translation of.
  void leave_empty(const LineBlock& block, std::span<Source> sources,
                   std::span<const std::uint32_t> parts, const char* why) const;
  void warn_of_length(const SplitLine& split, std::size_t number) const;
  /// Takes the hypotheses of a line's parts.
  std::vector<Translation> make_translations(const std::string& line, const Source& source,
                                             std::span<std::vector<Hypothesis>> hypotheses) const;
  std::vector<Translation> spell(std::vector<Hypothesis> hypotheses, std::size_t src_size) const;

  const ModelFolder& model_;
  WorkerPool& pool_;
  TranslatorOptions options_;
  const TranslationAnnotator* annotator_;
  BatchTranslator batch_translator_;
  LineSplitter splitter_;
  TranslationJoiner joiner_;
  mutable WarningLimit long_lines_{"lines translated in parts for their length"};
  mutable WarningLimit unknown_prefixes_{"prefixes that the vocabulary cannot spell"};
};

}  // namespace heed
