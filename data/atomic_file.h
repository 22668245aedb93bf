#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>
#include <string_view>

namespace heed {

/// A file that appears whole or not at all: it is written under a temporary name beside the target,
/// and `commit` flushes it to the disk and renames it over the target. A reader sees the old file
/// or the new one, also after a crash.
///
/// A symbolic link is followed (its target is replaced, the link stays). A target that exists and
/// is not a regular file (a device such as /dev/null, a pipe) is written to directly.
///
/// Every error is a std::runtime_error that names the file and the system's reason; one of writing
/// is a WriteError.
class AtomicFile {
 public:
  /// Opens the temporary file. Its folder must exist.
  explicit AtomicFile(std::filesystem::path target);
  /// Drops the temporary file unless it was committed.
  ~AtomicFile();
  AtomicFile(AtomicFile&&) noexcept;
  AtomicFile& operator=(AtomicFile&&) noexcept;

  /// Binary output; valid until `commit`. What cannot be written throws, at the latest in `commit`.
  std::ostream& stream();

  /// Puts the file in place. Throws when any write failed (for example on a full disk); the target
  /// is then as it was. To be called once.
  void commit();

  /// Instead of `commit`, where work has failed: puts what was written beside the target, under its
  /// name and kPartSuffix, and gives that name. None for a device or a pipe, or
  /// when nothing was written.
  std::optional<std::filesystem::path> commit_part();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

inline constexpr const char* kPartSuffix = ".part";

/// Removes the temporary files of all AtomicFiles. For a signal's handler that ends the process: it
/// does nothing that such may not do.
void remove_temporaries() noexcept;

/// AtomicFile for contents that are already in memory.
void write_file_atomically(const std::filesystem::path& path, std::string_view contents);

}  // namespace heed
