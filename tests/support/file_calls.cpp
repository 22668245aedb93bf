// A library to preload (LD_PRELOAD) that sees the calls by which a program changes files, as a
// machine that crashes would cut them off. Environment:
//   HEED_CALLS_BELOW   only calls on paths that contain this count
//   HEED_KILL_AT       the program is killed (SIGKILL) ahead of its n-th such call, from 1; in the
//                      middle of it where that is a write
//   HEED_CALLS_LOG     a file that gets a line for each such call: its name, TAB, path [TAB, path]

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

std::atomic<long> calls{0};

template <typename Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

std::string path_of(int descriptor) {
  std::array<char, 4096> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
  return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : "";
}

std::string absolute(const char* path) {
  std::array<char, 4096> folder{};
  if (path[0] == '/' || ::getcwd(folder.data(), folder.size()) == nullptr) return path;
  return std::string(folder.data()) + "/" + path;
}

void note(const std::string& line) {
  const char* log = std::getenv("HEED_CALLS_LOG");
  if (log == nullptr) return;
  static const auto real_open = next<int (*)(const char*, int, ...)>("open");
  static const auto real_write = next<ssize_t (*)(int, const void*, std::size_t)>("write");
  const int descriptor = real_open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  const std::string text = line + "\n";
  if (real_write(descriptor, text.data(), text.size()) < 0) std::abort();
  ::close(descriptor);
}

/// Whether the program is to end with this call.
bool is_last(const char* name, const std::string& path, const std::string& other = "") {
  const char* below = std::getenv("HEED_CALLS_BELOW");
  if (below == nullptr) return false;
  const bool counts = (path + "\n" + other).find(below) != std::string::npos;
  if (!counts) return false;
  note(std::string(name) + "\t" + path + (other.empty() ? "" : "\t" + other));
  const char* kill_at = std::getenv("HEED_KILL_AT");
  return kill_at != nullptr && ++calls == std::atol(kill_at);
}

void die() {
  ::kill(::getpid(), SIGKILL);
  ::pause();
}

void pass(const char* name, const std::string& path, const std::string& other = "") {
  if (is_last(name, path, other)) die();
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if ((flags & O_CREAT) != 0) pass("create", absolute(path));
  return next<int (*)(const char*, int, ...)>("open")(path, flags, mode);
}

std::FILE* fopen(const char* path, const char* mode) {
  if (std::strchr(mode, 'w') != nullptr) pass("create", absolute(path));
  return next<std::FILE* (*)(const char*, const char*)>("fopen")(path, mode);
}

std::FILE* fopen64(const char* path, const char* mode) {
  return fopen(path, mode);
}

ssize_t write(int descriptor, const void* bytes, std::size_t size) {
  const auto real = next<ssize_t (*)(int, const void*, std::size_t)>("write");
  if (is_last("write", path_of(descriptor))) {
    if (real(descriptor, bytes, size / 2) < 0) std::abort();
    die();
  }
  return real(descriptor, bytes, size);
}

ssize_t writev(int descriptor, const iovec* parts, int count) {
  if (is_last("write", path_of(descriptor))) {
    next<ssize_t (*)(int, const iovec*, int)>("writev")(descriptor, parts, 1);
    die();
  }
  return next<ssize_t (*)(int, const iovec*, int)>("writev")(descriptor, parts, count);
}

int fsync(int descriptor) {
  pass("fsync", path_of(descriptor));
  return next<int (*)(int)>("fsync")(descriptor);
}

int mkdir(const char* path, mode_t mode) {
  pass("mkdir", absolute(path));
  return next<int (*)(const char*, mode_t)>("mkdir")(path, mode);
}

int rename(const char* from, const char* to) {
  pass("rename", absolute(from), absolute(to));
  return next<int (*)(const char*, const char*)>("rename")(from, to);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  pass("exchange", absolute(from), absolute(to));
  return next<int (*)(int, const char*, int, const char*, unsigned)>("renameat2")(
      from_folder, from, to_folder, to, flags);
}

int symlink(const char* target, const char* path) {
  pass("symlink", absolute(path));
  return next<int (*)(const char*, const char*)>("symlink")(target, path);
}

int truncate64(const char* path, off64_t size) {
  pass("truncate", absolute(path));
  return next<int (*)(const char*, off64_t)>("truncate64")(path, size);
}

int truncate(const char* path, off_t size) {
  pass("truncate", absolute(path));
  return next<int (*)(const char*, off_t)>("truncate")(path, size);
}

int unlink(const char* path) {
  pass("unlink", absolute(path));
  return next<int (*)(const char*)>("unlink")(path);
}

int unlinkat(int folder, const char* path, int flags) {
  pass("unlink", path_of(folder) + "/" + path);
  return next<int (*)(int, const char*, int)>("unlinkat")(folder, path, flags);
}

int remove(const char* path) {
  pass("unlink", absolute(path));
  return next<int (*)(const char*)>("remove")(path);
}

}  // extern "C"
