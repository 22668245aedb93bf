#pragma once

#include <filesystem>

namespace heed {

/// A folder that appears whole or not at all: files are written into a temporary folder beside the
/// target; `commit` waits until they are on disk and renames it.
class AtomicFolder {
 public:
  /// Creates the temporary folder; `target`'s parent is created where missing.
  /// Throws std::runtime_error naming the folder when that fails.
  explicit AtomicFolder(const std::filesystem::path& target);
  /// Removes the temporary folder unless it was committed.
  ~AtomicFolder();
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;

  /// Where to write.
  const std::filesystem::path& path() const { return temporary_; }

  /// Puts the folder in place; a folder of that name that was there is removed once the new one
  /// stands. Throws std::runtime_error; the old folder is then as it was. Where the file system
  /// exchanges folders (Linux's local ones do) there is one under that name at every moment.
  void commit();

 private:
  void replace_in_two_steps();

  std::filesystem::path target_;
  std::filesystem::path temporary_;
  bool committed_ = false;
};

/// Makes `link` a symbolic link to `target` (relative to the link's folder), replacing a link that
/// was there in one step.
void replace_symlink(const std::filesystem::path& link, const std::filesystem::path& target);

/// Waits until a file or a folder's list of entries is on disk.
void sync_to_disk(const std::filesystem::path& path);

}  // namespace heed
