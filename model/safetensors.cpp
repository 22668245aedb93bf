#include "model/safetensors.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "model/aten_ops.h"

namespace heed {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors data is little-endian");

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kMaxHeader = 100'000'000;  // the format's own limit

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

std::string make_header(const std::vector<std::pair<std::string, at::Tensor>>& tensors,
                        const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::size_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    const std::size_t end = offset + static_cast<std::size_t>(tensor.numel()) * sizeof(float);
    header[name] = {
        {"dtype", "F32"}, {"shape", tensor.sizes().vec()}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + kLengthBytes - 1) / kLengthBytes * kLengthBytes, ' ');
  return text;
}

/// A list of whole numbers, none negative; nothing where `value` isn't one. The library's own
/// conversion would take 1.5 and true for numbers.
std::optional<std::vector<std::int64_t>> sizes_of(const nlohmann::ordered_json& value) {
  if (!value.is_array()) return std::nullopt;
  std::vector<std::int64_t> sizes;
  for (const auto& size : value) {
    if (!size.is_number_unsigned()) return std::nullopt;
    sizes.push_back(size.get<std::int64_t>());  // above 2^63 - 1: negative, which byte_size refuses
  }
  return sizes;
}

std::optional<at::ScalarType> type_of(const nlohmann::ordered_json& dtype) {
  if (dtype == "F32") return at::kFloat;
  if (dtype == "F16") return at::kHalf;
  if (dtype == "BF16") return at::kBFloat16;
  return std::nullopt;
}

/// Number of bytes of a tensor of `shape`, or nothing where that isn't representable.
std::optional<std::size_t> byte_size(const std::vector<std::int64_t>& shape, at::ScalarType type) {
  std::size_t bytes = at::elementSize(type);
  for (const std::int64_t size : shape) {
    if (size < 0 || __builtin_mul_overflow(bytes, static_cast<std::size_t>(size), &bytes))
      return std::nullopt;
  }
  return bytes;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path,
                       const std::vector<std::pair<std::string, at::Tensor>>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  const FileDescriptor file(path, O_WRONLY | O_CREAT | O_TRUNC);
  const std::string header = make_header(tensors, metadata);
  const auto length = static_cast<std::uint64_t>(header.size());
  file.write(&length, sizeof(length));
  file.write(header.data(), header.size());
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor data = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
    file.write(data.const_data_ptr<float>(), static_cast<std::size_t>(data.nbytes()));
  }
  file.sync();
}

class SafetensorsFile::Mapping {
 public:
  explicit Mapping(const std::filesystem::path& path) {
    const FileDescriptor file(path, O_RDONLY);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
      throw std::runtime_error(fmt::format("{}: not a regular file", path.string()));
    size_ = static_cast<std::size_t>(status.st_size);
    if (size_ == 0) return;
    // Private and writable: a tensor over it may be handed to code that wants a mutable pointer,
    // and even a stray write would never reach the file.
    data_ = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE, file.get(), 0);
    if (data_ == MAP_FAILED)
      throw std::runtime_error(
          fmt::format("{}: can't be mapped: {}", path.string(), std::strerror(errno)));
  }
  ~Mapping() {
    if (size_ > 0) ::munmap(data_, size_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  char* data() const { return static_cast<char*>(data_); }
  std::size_t size() const { return size_; }

 private:
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path)
    : path_(path), mapping_(std::make_shared<Mapping>(path)) {
  if (mapping_->size() < kLengthBytes) fail("too short for a safetensors file; is it truncated?");
  std::uint64_t length = 0;
  std::memcpy(&length, mapping_->data(), sizeof(length));
  if (length > kMaxHeader || length > mapping_->size() - kLengthBytes)
    fail(
        fmt::format("its header claims {} bytes, which the file doesn't have; it is truncated or "
                    "not a safetensors file",
                    length));
  data_begin_ = kLengthBytes + static_cast<std::size_t>(length);
  parse_header({mapping_->data() + kLengthBytes, static_cast<std::size_t>(length)},
               mapping_->size() - data_begin_);
}

void SafetensorsFile::fail(const std::string& why) const {
  throw std::runtime_error(fmt::format("{}: {}", path_.string(), why));
}

void SafetensorsFile::parse_header(std::string_view text, std::size_t data_size) {
  const auto header = nlohmann::ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!header.is_object()) fail("its header is not a JSON object; not a safetensors file");
  std::vector<Extent> extents;
  try {
    for (const auto& [name, value] : header.items()) {
      if (name == "__metadata__") {
        metadata_ = value.get<std::map<std::string, std::string>>();
        continue;
      }
      const auto type = type_of(value.at("dtype"));
      if (!type)
        fail(fmt::format("tensor '{}' has dtype {}, only F32, F16 and BF16 are read", name,
                         value.at("dtype").dump()));
      const auto shape = sizes_of(value.at("shape"));
      const auto offsets = sizes_of(value.at("data_offsets"));
      const auto bytes = shape ? byte_size(*shape, *type) : std::nullopt;
      if (!bytes || !offsets || offsets->size() != 2 || offsets->at(0) < 0 ||
          offsets->at(1) < offsets->at(0) ||
          static_cast<std::size_t>(offsets->at(1) - offsets->at(0)) != *bytes)
        fail(fmt::format("tensor '{}' has data offsets that don't fit its shape", name));
      const auto begin = static_cast<std::size_t>(offsets->at(0));
      extents.push_back({begin, begin + *bytes, name});
      names_.push_back(name);
      entries_.emplace(name, Entry{*shape, begin, *type});
    }
  } catch (const nlohmann::json::exception& error) {
    fail(fmt::format("malformed header ({})", error.what()));
  }
  check_extents(std::move(extents), data_size);
}

/// The header may name the tensors in any order, but their data lies without a gap or an overlap.
void SafetensorsFile::check_extents(std::vector<Extent> extents, std::size_t data_size) const {
  std::sort(extents.begin(), extents.end());
  std::size_t expected = 0;
  for (const auto& [begin, end, name] : extents) {
    if (begin != expected)
      fail(fmt::format("tensor '{}' begins at byte {} of the data, where {} is due", name, begin,
                       expected));
    expected = end;
  }
  if (expected != data_size)
    fail(fmt::format("holds {} bytes of data, its header needs {}; it is truncated or damaged",
                     data_size, expected));
}

const SafetensorsFile::Entry& SafetensorsFile::entry(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) fail(fmt::format("has no tensor '{}'", name));
  return found->second;
}

at::IntArrayRef SafetensorsFile::shape(const std::string& name) const {
  return entry(name).shape;
}

at::Tensor SafetensorsFile::tensor(const std::string& name, at::IntArrayRef shape) const {
  const Entry& found = entry(name);
  if (shape != at::IntArrayRef(found.shape))
    fail(fmt::format("tensor '{}' has shape [{}], expected [{}]", name,
                     fmt::join(found.shape, ", "), fmt::join(shape, ", ")));
  // The format doesn't promise alignment after a header written by others: copy where it is off.
  char* data = mapping_->data() + data_begin_ + found.begin;
  const auto owner = mapping_;
  const bool is_aligned = reinterpret_cast<std::uintptr_t>(data) % alignof(float) == 0;
  if (!is_aligned || found.type != at::kFloat) {
    at::Tensor copy = at::empty(shape, found.type);
    std::copy_n(data, copy.nbytes(), static_cast<char*>(copy.mutable_data_ptr()));
    return copy.to(at::kFloat);
  }
  return at::from_blob(
      data, shape, [owner](void*) {}, at::kFloat);
}

}  // namespace heed
