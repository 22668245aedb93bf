#pragma once

#include <filesystem>
#include <optional>
#include <ostream>
#include <string>

#include "data/atomic_file.h"

namespace heed {

/// Where results go: standard output, or a file that appears whole once `finish` is called.
class Output {
 public:
  /// `path` "-" or empty is standard output.
  explicit Output(const std::string& path);

  std::ostream& stream();
  /// Flushes; throws std::runtime_error when something could not be written.
  void finish();

 private:
  std::optional<AtomicFile> file_;
};

}  // namespace heed
