#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/check/text_check.h"
#include "data/atomic_file.h"

namespace heed {

/// Writes a text without its faults: into one folder a file for each input file, of its name
/// without .gz (src.NAME and tgt.NAME where the two sides' names are the same), line by line
/// translations always, and changes.tsv: FILE:LINE, dropped or repaired, and why.
class FixWriter {
 public:
  /// `sources` as of `sources_of`. Throws UsageError when the folder is there and not empty, or
  /// files would have the same name.
  FixWriter(std::filesystem::path folder,
            const std::vector<std::vector<std::filesystem::path>>& sources);

  void write(std::size_t source, const PairOutcome& outcome);
  /// Puts all files in place.
  void finish();

  std::size_t written() const { return written_; }
  std::size_t dropped() const { return dropped_; }
  std::size_t repaired() const { return repaired_; }

 private:
  void note_changes(std::size_t source, const PairOutcome& outcome);

  std::filesystem::path folder_;
  std::vector<std::vector<std::string>> input_names_;
  std::vector<std::vector<AtomicFile>> files_;
  std::optional<AtomicFile> changes_;
  std::size_t written_ = 0, dropped_ = 0, repaired_ = 0;
};

}  // namespace heed
