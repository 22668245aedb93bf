#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace heed {

/// Tells where placeholders are; the forms are those that `lex_markup` names. All bytes of a line
/// together take time in proportion to its length.
class PlaceholderFinder {
 public:
  /// `line` must outlive the finder.
  explicit PlaceholderFinder(std::string_view line) : line_(line) {}

  /// The length in bytes of the placeholder that starts at byte `at` of the line; 0 when none does.
  std::size_t length_at(std::size_t at);

 private:
  std::size_t brace_length(std::size_t at);
  std::size_t balanced_length(std::size_t at);

  std::string_view line_;
  std::optional<std::vector<std::size_t>> closing_;  // for each opening brace where it is closed
};

}  // namespace heed
