#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "data/text_io.h"

namespace heed {

/// Throws std::runtime_error "NAME:LINE: ..." when `line` has ill-formed UTF-8 or a NUL byte.
void check_training_line(std::string_view line, const std::string& name, std::size_t line_number);

/// A LineReader for training text: drops a byte-order mark at the start of the file and passes
/// every line through `check_training_line`.
class StrictLineReader {
 public:
  explicit StrictLineReader(const std::filesystem::path& path);

  bool next(std::string& line);
  std::size_t line_number() const { return reader_.line_number(); }
  const std::string& name() const { return reader_.name(); }

 private:
  LineReader reader_;
};

}  // namespace heed
