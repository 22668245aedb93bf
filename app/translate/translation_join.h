#pragma once

#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/translate/translation.h"

namespace heed {

/// Puts the translations of a line's parts together. May be used from several threads at once.
class TranslationJoiner {
 public:
  /// `language` is that of the output, as `language_code` takes it.
  explicit TranslationJoiner(std::string language) : language_(std::move(language)) {}

  /// `part_outputs` holds the outputs of each of `parts`, best first, each of one part. Returns the
  /// `n_best` combinations with the greatest sums of scores, best first; fewer where there are no
  /// more.
  std::vector<Translation> join(std::string_view line, std::span<const TextRange> parts,
                                std::span<const std::vector<Translation>> part_outputs,
                                std::size_t n_best) const;

  /// What comes between two outputs that are not empty: the white space between the parts of the
  /// line. Spaces are left out next to a character of a writing without them (see
  /// `is_of_unspaced_writing`), unless the language is known to have them or `left_text` has some
  /// between such characters. Where the line has no white space, a space, if it is of such a
  /// writing there and the output is not; else nothing.
  std::string separator(std::string_view line, const TextRange& left, const TextRange& right,
                        std::string_view left_text, std::string_view right_text) const;

 private:
  bool is_known_to_have_spaces() const;

  std::string language_;
  mutable std::once_flag looked_up_;
  mutable bool has_spaces_ = false;
};

}  // namespace heed
