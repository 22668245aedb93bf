#pragma once

#include "app/align/aligner.h"
#include "app/translate/translation_annotator.h"

namespace heed {

struct AnnotatorOptions {
  bool wants_links = false;
  HeadSelection selection;           // of the links
  std::size_t max_tokens = 2048;     // of a batch: pairs times the longest side
  std::size_t last_viewed_line = 0;  // lines up to this number keep what a page shows
};

/// Of a line that is translated in parts so many have views.
inline constexpr std::size_t kViewedParts = 20;

/// Links and views by forced decoding of the translations.
class NetworkAnnotator : public TranslationAnnotator {
 public:
  /// `bundle` and `pool` must outlive this; `search` is what views tell of it.
  NetworkAnnotator(const ModelBundle& bundle, WorkerPool& pool, SearchOptions search,
                   AnnotatorOptions options);

  std::size_t last_viewed_line() const override { return options_.last_viewed_line; }
  void add_links(const LineBlock& block,
                 std::span<std::vector<Translation>> results) const override;
  void add_views(const std::string& line, std::size_t number, std::span<const SearchTrace> traces,
                 Translation& best) const override;

 private:
  const ModelBundle& bundle_;
  SearchOptions search_;
  AnnotatorOptions options_;
  Aligner aligner_;
  Aligner viewer_;  // as aligner_, keeping what a page shows
};

}  // namespace heed
