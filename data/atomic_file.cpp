#include "data/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <ostream>
#include <random>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "data/descriptor_buffer.h"

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

// 0, or what went wrong. Some file systems cannot sync a folder and say EINVAL; there is nothing to
// be done about it.
int sync_to_disk(int descriptor) {
  return fsync(descriptor) != 0 && errno != EINVAL ? errno : 0;
}

void sync_folder(const fs::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) fail(path, "open", errno);
  const int error = sync_to_disk(descriptor);
  close(descriptor);
  if (error != 0) fail(path, "write", error);
}

/// The name of a temporary, where a signal's handler finds it: that may neither lock nor allocate.
struct ListedName {
  enum State : int { kFree, kBusy, kListed };
  std::atomic<int> state = kFree;
  std::array<char, 4096> name{};

  bool change(int from, int to) { return state.compare_exchange_strong(from, to); }
};

// What finds no room in it is not removed by a handler.
std::array<ListedName, 64> temporaries;

ListedName* enlist(const fs::path& path) {
  const std::string& name = path.native();
  if (name.size() >= temporaries.front().name.size()) return nullptr;
  for (ListedName& listed : temporaries) {
    if (!listed.change(ListedName::kFree, ListedName::kBusy)) continue;
    listed.name[name.copy(listed.name.data(), name.size())] = '\0';
    listed.state = ListedName::kListed;
    return &listed;
  }
  return nullptr;
}

void strike_off(ListedName* listed) noexcept {
  if (listed != nullptr) listed->state = ListedName::kFree;
}

}  // namespace

void remove_temporaries() noexcept {
  for (ListedName& listed : temporaries)
    if (listed.change(ListedName::kListed, ListedName::kBusy)) ::unlink(listed.name.data());
}

struct AtomicFile::Impl {
  fs::path target;
  fs::path temporary;  // equal to target when that is written to directly
  ListedName* enlisted = nullptr;
  int descriptor = -1;
  std::optional<DescriptorBuffer> buffer = {};
  std::ostream stream{nullptr};

  bool is_direct() const { return temporary == target; }

  void open_stream() {
    if (!is_direct()) enlisted = enlist(temporary);
    const int creation = is_direct() ? O_TRUNC : O_CREAT | O_EXCL;
    descriptor = ::open(temporary.c_str(), O_WRONLY | O_CLOEXEC | creation, 0666);
    if (descriptor < 0) fail(target, "create", errno);
    buffer.emplace(descriptor, target.string());
    stream.rdbuf(&*buffer);
    stream.exceptions(std::ios::badbit);
  }

  void close_stream() {
    buffer->pubsync();  // not the stream, which after a failure would not say why
    const int error = is_direct() ? 0 : sync_to_disk(descriptor);
    if (error != 0) fail(target, "write", error);
    if (::close(std::exchange(descriptor, -1)) != 0) fail(target, "write", errno);
  }

  void put_in_place(const fs::path& name) {
    close_stream();
    if (!is_direct()) {
      if (std::rename(temporary.c_str(), name.c_str()) != 0) fail(name, "replace", errno);
      const fs::path folder = name.parent_path();
      sync_folder(folder.empty() ? fs::path(".") : folder);
    }
    temporary.clear();
    strike_off(std::exchange(enlisted, nullptr));
  }

  ~Impl() {
    if (descriptor >= 0) ::close(descriptor);
    std::error_code ignored;
    if (!temporary.empty() && !is_direct()) fs::remove(temporary, ignored);
    strike_off(enlisted);
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
  impl_->put_in_place(impl_->target);
}

std::optional<fs::path> AtomicFile::commit_part() {
  impl_->buffer->pubsync();
  if (impl_->is_direct() || fs::is_empty(impl_->temporary)) return std::nullopt;
  fs::path name = impl_->target;
  name += kPartSuffix;
  impl_->put_in_place(name);
  return name;
}

void write_file_atomically(const fs::path& path, std::string_view contents) {
  AtomicFile file(path);
  file.stream().write(contents.data(), static_cast<std::streamsize>(contents.size()));
  file.commit();
}

}  // namespace heed
