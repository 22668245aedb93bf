#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/align/aligner.h"
#include "app/translate/translator.h"
#include "data/markup.h"

namespace heed {

struct MarkupOptions {
  HeadSelection selection;        // of the links that markup is placed by
  std::size_t max_tokens = 2048;  // as in TranslatorOptions
  /// Stands in for placeholders. When empty, common names do that the vocabulary spells in the
  /// fewest pieces, of these the ones that the model is found to have a word for.
  std::string placeholder_word;
};

/// Lines with inline markup in, translations with the same markup out (`parse_markup`,
/// `transfer_markup`). The model sees neither tags nor, where its vocabulary cannot spell them,
/// placeholders: names stand in for those, as a missing word would change the sentence. A line
/// without a letter or digit besides its markup stays as it is.
class MarkupTranslator {
 public:
  /// All but the options must outlive this.
  MarkupTranslator(const ModelBundle& bundle, WorkerPool& pool, const Translator& translator,
                   const MarkupOptions& options);

  /// As Translator::translate.
  std::vector<MarkupTranslation> translate(
      const LineBlock& block, const std::function<void(std::size_t)>& on_progress = {}) const;

 private:
  std::vector<PlaceholderWord> known_words(const std::vector<std::string>& names) const;
  MarkupLine readable(const MarkupLine& line) const;
  void transfer(const std::vector<MarkupLine>& sources,
                std::vector<MarkupTranslation>& results) const;

  const ModelBundle& bundle_;
  const Translator& translator_;
  Aligner aligner_;
  std::vector<PlaceholderWord> words_;  // for placeholders, in turn
  mutable WarningLimit unplaced_{"lines with too much markup to be placed"};
};

}  // namespace heed
