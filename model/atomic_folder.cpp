#include "model/atomic_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace heed {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const char* what, const std::string& why) {
  throw std::runtime_error(fmt::format("{}: {}: {}", path.string(), what, why));
}

fs::path parent_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// "folder/" and "folder" are one folder, but only the second has a name.
fs::path without_trailing_slash(const fs::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

fs::path beside(const fs::path& path, const char* suffix) {
  return parent_of(path) / fmt::format(".{}.{}{}", path.filename().string(), ::getpid(), suffix);
}

/// Exchanges two folders in one step; false where the file system can't.
bool exchange(const fs::path& a, const fs::path& b) {
#if defined(RENAME_EXCHANGE)
  return ::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0;
#else
  return false;
#endif
}

void rename_or_fail(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) fail(to, "can't be put in place", error.message());
}

}  // namespace

void sync_to_disk(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail(path, "can't be opened", std::strerror(errno));
  const int result = ::fsync(descriptor);
  const int code = errno;
  ::close(descriptor);
  // Some file systems cannot sync a folder and say EINVAL; there is nothing to be done about it.
  if (result != 0 && code != EINVAL) fail(path, "can't be written to disk", std::strerror(code));
}

AtomicFolder::AtomicFolder(const fs::path& target)
    : target_(without_trailing_slash(target)), temporary_(beside(target_, ".tmp")) {
  std::error_code error;
  fs::remove_all(temporary_, error);
  fs::create_directories(temporary_, error);
  if (error) fail(temporary_, "can't be created", error.message());
}

AtomicFolder::~AtomicFolder() {
  std::error_code ignored;
  if (!committed_) fs::remove_all(temporary_, ignored);
}

void AtomicFolder::commit() {
  for (const fs::directory_entry& entry : fs::directory_iterator(temporary_))
    sync_to_disk(entry.path());
  sync_to_disk(temporary_);
  if (!fs::exists(target_))
    rename_or_fail(temporary_, target_);
  else if (!exchange(temporary_, target_))
    replace_in_two_steps();
  committed_ = true;
  sync_to_disk(parent_of(target_));
  std::error_code ignored;
  fs::remove_all(temporary_, ignored);  // the former folder, if there was one
}

void AtomicFolder::replace_in_two_steps() {
  const fs::path former = beside(target_, ".old");
  rename_or_fail(target_, former);
  try {
    rename_or_fail(temporary_, target_);
  } catch (const std::runtime_error&) {
    std::error_code ignored;
    fs::rename(former, target_, ignored);
    throw;
  }
  std::error_code ignored;
  fs::rename(former, temporary_, ignored);
}

void replace_symlink(const fs::path& link, const fs::path& target) {
  const fs::path temporary = beside(link, ".link");
  std::error_code error;
  fs::remove(temporary, error);
  fs::create_directory_symlink(target, temporary, error);
  if (error) fail(temporary, "can't be created", error.message());
  rename_or_fail(temporary, link);
  sync_to_disk(parent_of(link));
}

}  // namespace heed
