#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "model/safetensors_file.h"

/// What reading and writing safetensors files share.
namespace heed {

static_assert(std::endian::native == std::endian::little, "safetensors data is little-endian");

/// Of the header's length, which files begin with.
inline constexpr std::size_t kLengthBytes = 8;

/// An open file.
class FileDescriptor {
 public:
  FileDescriptor(const std::filesystem::path& path, int flags)
      : path_(path), descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {
    if (descriptor_ < 0)
      throw std::runtime_error(fmt::format("{}: {}", path.string(), std::strerror(errno)));
  }
  ~FileDescriptor() { ::close(descriptor_); }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  int get() const { return descriptor_; }

  void write(const void* data, std::size_t size) const {
    const char* next = static_cast<const char*>(data);
    while (size > 0) {
      const ssize_t written = ::write(descriptor_, next, size);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail();
      next += written;
      size -= static_cast<std::size_t>(written);
    }
  }
  void sync() const {
    if (::fsync(descriptor_) != 0) fail();
  }

 private:
  [[noreturn]] void fail() const {
    throw std::runtime_error(
        fmt::format("{}: can't be written: {}", path_.string(), std::strerror(errno)));
  }

  std::filesystem::path path_;
  int descriptor_;
};

/// A tensor as a file holds it.
struct StoredType {
  TensorType type;
  std::string_view name;
  std::size_t bytes;  // of a value
};
inline constexpr std::array<StoredType, 4> kStoredTypes{{{TensorType::kF32, "F32", 4},
                                                         {TensorType::kF16, "F16", 2},
                                                         {TensorType::kBf16, "BF16", 2},
                                                         {TensorType::kI8, "I8", 1}}};

inline const StoredType& stored(TensorType type) {
  return *std::find_if(kStoredTypes.begin(), kStoredTypes.end(),
                       [&](const StoredType& known) { return known.type == type; });
}

/// The name of the scales of bytes.
inline std::string scales_of(const std::string& name) {
  return name + std::string(kScalesSuffix);
}

/// Values of a tensor.
inline std::size_t count_of(std::span<const std::int64_t> shape) {
  std::size_t count = 1;
  for (const std::int64_t size : shape) count *= static_cast<std::size_t>(size);
  return count;
}

}  // namespace heed
