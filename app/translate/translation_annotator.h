#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "app/translate/translation.h"
#include "model/beam_search.h"

namespace heed {

/// Adds to translations what the search doesn't tell.
class TranslationAnnotator {
 public:
  virtual ~TranslationAnnotator() = default;

  /// Lines up to this number are viewed, which takes the traces of their search.
  virtual std::size_t last_viewed_line() const = 0;

  /// Links between the words of lines and of each of their translations, where they are wanted.
  virtual void add_links(const LineBlock& block,
                         std::span<std::vector<Translation>> results) const = 0;

  /// What a page shows of a line's best translation. `traces` are those of the line's parts.
  virtual void add_views(const std::string& line, std::size_t number,
                         std::span<const SearchTrace> traces, Translation& best) const = 0;
};

}  // namespace heed
