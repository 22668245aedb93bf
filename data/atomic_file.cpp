#include "data/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <random>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace heed {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxLinks = 40;  // as the kernel follows; links in a circle cannot be opened anyway

[[noreturn]] void fail(const fs::path& path, const char* action, int error) {
  throw std::runtime_error(
      fmt::format("{}: cannot {}: {}", path.string(), action, std::strerror(error)));
}

// The path that writing to `target` would reach, which need not exist yet.
fs::path follow_links(fs::path target) {
  std::error_code error;
  for (int i = 0; i < kMaxLinks && fs::is_symlink(fs::symlink_status(target, error)); ++i) {
    target = target.parent_path() / fs::read_symlink(target);
  }
  return target;
}

// Random, as process ids are not unique on a file system that several machines share.
fs::path temporary_name(const fs::path& target) {
  std::random_device random;
  return target.parent_path() / fmt::format(".heed-{:08x}{:08x}.tmp", random(), random());
}

void sync_to_disk(const fs::path& path, int flags) {
  const int descriptor = open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) fail(path, "open", errno);
  const int result = fsync(descriptor);
  const int error = errno;
  close(descriptor);
  // Some file systems cannot sync a folder and say EINVAL; there is nothing to be done about it.
  if (result != 0 && error != EINVAL) fail(path, "write", error);
}

}  // namespace

struct AtomicFile::Impl {
  fs::path target;
  fs::path temporary;  // equal to target when that is written to directly
  std::ofstream stream;

  bool is_direct() const { return temporary == target; }

  void open_stream() {
    errno = 0;
    stream.open(temporary, std::ios::binary | std::ios::trunc);
    if (!stream) fail(target, "create", errno);
  }

  void close_stream() {
    errno = 0;
    stream.close();
    if (!stream) fail(target, "write", errno != 0 ? errno : EIO);
  }

  void drop() noexcept {
    stream.close();
    std::error_code ignored;
    if (!is_direct()) fs::remove(temporary, ignored);
  }

  ~Impl() {
    if (!temporary.empty()) drop();
  }
};

AtomicFile::AtomicFile(fs::path target) : impl_(std::make_unique<Impl>()) {
  if (fs::is_directory(target)) fail(target, "write", EISDIR);
  // Asked before links are followed: /dev/stdout is one to something that has no path.
  const bool is_special = fs::exists(target) && !fs::is_regular_file(target);
  impl_->target = is_special ? std::move(target) : follow_links(std::move(target));
  impl_->temporary = is_special ? impl_->target : temporary_name(impl_->target);
  impl_->open_stream();
}

AtomicFile::~AtomicFile() = default;
AtomicFile::AtomicFile(AtomicFile&&) noexcept = default;
AtomicFile& AtomicFile::operator=(AtomicFile&&) noexcept = default;

std::ostream& AtomicFile::stream() {
  return impl_->stream;
}

void AtomicFile::commit() {
  impl_->close_stream();
  if (!impl_->is_direct()) {
    sync_to_disk(impl_->temporary, O_WRONLY);
    if (std::rename(impl_->temporary.c_str(), impl_->target.c_str()) != 0) {
      fail(impl_->target, "replace", errno);
    }
    const fs::path folder = impl_->target.parent_path();
    sync_to_disk(folder.empty() ? fs::path(".") : folder, O_RDONLY | O_DIRECTORY);
  }
  impl_->temporary.clear();
}

void write_file_atomically(const fs::path& path, std::string_view contents) {
  AtomicFile file(path);
  file.stream().write(contents.data(), static_cast<std::streamsize>(contents.size()));
  file.commit();
}

}  // namespace heed
