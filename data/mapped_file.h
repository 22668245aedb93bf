#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace heed {

/// A file's bytes, mapped into memory for reading. The file must not be shortened while it is
/// mapped (heed only ever replaces files, see AtomicFile).
class MappedFile {
 public:
  /// Throws std::runtime_error naming the file when it is missing, no regular file, or unreadable.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  /// Valid as long as this object, or the one it was moved to, lives. Begins at a page's start.
  std::string_view bytes() const { return {data_, size_}; }

 private:
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace heed
