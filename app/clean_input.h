#pragma once

#include <cstddef>
#include <string>

#include "app/undone_lines.h"
#include "app/warning_limit.h"

namespace heed {

/// Makes the lines of an input fit for a model.
class InputCleaner {
 public:
  /// `name` is the input's, for warnings. Without `undone` no line is too long.
  explicit InputCleaner(std::string name, UndoneLines* undone = nullptr);

  /// Ill-formed UTF-8 becomes U+FFFD, with a warning; a line of more than kMostLineBytes becomes
  /// empty. False for the latter, of which `undone` is told.
  bool clean(std::string& line, std::size_t line_number);

 private:
  std::string name_;
  UndoneLines* undone_;
  WarningLimit repaired_;
};

}  // namespace heed
