#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "app/clean_input.h"
#include "data/text_io.h"

namespace heed {

/// What the translations of lines begin with: a text for all of them, lines of a file, or nothing.
class Prefixes {
 public:
  Prefixes(std::string text, std::optional<LineReader> file);

  /// Of the next `count` lines; empty where there are none at all. Throws std::runtime_error where
  /// the file has fewer.
  std::vector<std::string> take(std::size_t count);

  /// Warns where the file has more lines than were taken.
  void check_end();

 private:
  std::string text_;
  std::optional<LineReader> file_;
  InputCleaner cleaner_;
};

}  // namespace heed
