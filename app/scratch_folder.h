#pragma once

#include <filesystem>

namespace heed {

/// A new folder among the system's temporary files, removed with all in it.
class ScratchFolder {
 public:
  /// Throws std::runtime_error where none can be made.
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace heed
