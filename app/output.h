#pragma once

#include <optional>
#include <ostream>
#include <string>

#include "data/atomic_file.h"

namespace heed {

/// Where results go: standard output, or a file that appears whole once `finish` is called. A write
/// that fails throws WriteError, at the latest in `finish`.
class Output {
 public:
  /// What becomes of a file's contents when an exception ends the work ahead of `finish`.
  enum class OnFailure {
    kDrop,
    kKeepPart,  // AtomicFile::commit_part, with a warning; nothing where writing itself has failed
  };

  /// `path` "-" or empty is standard output.
  explicit Output(const std::string& path, OnFailure on_failure = OnFailure::kDrop);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  std::ostream& stream();
  void finish();

 private:
  void keep_part();

  OnFailure on_failure_;
  int exceptions_at_start_;
  std::optional<AtomicFile> file_;
};

}  // namespace heed
