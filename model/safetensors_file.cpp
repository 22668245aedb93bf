#include "model/safetensors_file.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "model/safetensors_format.h"

namespace heed {
namespace {

constexpr std::size_t kMaxHeader = 100'000'000;  // the format's own limit
constexpr int kMaxDepth = 8;                     // more than any header needs

float from_bf16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

/// IEEE 754 binary16.
float from_f16(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000) << 16;
  const std::uint32_t exponent = bits >> 10 & 0x1f;
  const std::uint32_t fraction = bits & 0x3ff;
  if (exponent == 0) {  // subnormal: fraction * 2^-24
    const float magnitude = std::ldexp(static_cast<float>(fraction), -24);
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 0x1f ? 0xffU : exponent + (127 - 15);
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

/// A list of whole numbers, none negative; nothing where `value` isn't one. The library's own
/// conversion would take 1.5 and true for numbers.
std::optional<std::vector<std::int64_t>> sizes_of(const nlohmann::json& value) {
  if (!value.is_array()) return std::nullopt;
  std::vector<std::int64_t> sizes;
  for (const auto& size : value) {
    if (!size.is_number_unsigned()) return std::nullopt;
    sizes.push_back(size.get<std::int64_t>());  // above 2^63 - 1: negative, which byte_size refuses
  }
  return sizes;
}

std::optional<TensorType> type_of(const nlohmann::json& dtype) {
  for (const StoredType& known : kStoredTypes)
    if (dtype == known.name) return known.type;
  return std::nullopt;
}

/// Number of bytes of a tensor of `shape`, or nothing where that isn't representable.
std::optional<std::size_t> byte_size(const std::vector<std::int64_t>& shape, TensorType type) {
  std::size_t bytes = stored(type).bytes;
  for (const std::int64_t size : shape) {
    if (size < 0 || __builtin_mul_overflow(bytes, static_cast<std::size_t>(size), &bytes))
      return std::nullopt;
  }
  return bytes;
}

/// The header's entries and their names in the order of the file.
struct Header {
  nlohmann::json entries;
  std::vector<std::string> names;
  std::string problem;  // empty where there is none
};

/// Looks at the header while it is read: of two entries with one name the library keeps the last,
/// and functions of the library go as deep as the values are nested.
Header parse_json(std::string_view text) {
  Header header;
  std::set<std::string> seen;
  const auto look = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    using Event = nlohmann::json::parse_event_t;
    const bool opens = event == Event::object_start || event == Event::array_start;
    if (opens && depth >= kMaxDepth) header.problem = "its header is nested too deep";
    if (event == Event::key && depth == 1) {
      header.names.push_back(value.get<std::string>());
      if (!seen.insert(header.names.back()).second)
        header.problem = fmt::format("its header has '{}' twice", header.names.back());
    }
    return header.problem.empty();
  };
  header.entries = nlohmann::json::parse(text, look, /*allow_exceptions=*/false);
  if (header.problem.empty() && !header.entries.is_object())
    header.problem = "its header is not a JSON object; not a safetensors file";
  return header;
}

/// The `index`-th of values that may lie at any address.
template <typename Value>
Value value_at(const char* data, std::size_t index) {
  Value value;
  std::memcpy(&value, data + index * sizeof(Value), sizeof(Value));
  return value;
}

}  // namespace

class SafetensorsFile::Mapping {
 public:
  explicit Mapping(const std::filesystem::path& path) {
    const FileDescriptor file(path, O_RDONLY | O_NONBLOCK);  // else a pipe would be waited for
    struct stat status {};
    if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
      throw std::runtime_error(fmt::format("{}: not a regular file", path.string()));
    size_ = static_cast<std::size_t>(status.st_size);
    if (size_ == 0) return;
    // Private and writable: values may be handed to code that wants a mutable pointer,
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

  void drop_pages() const {
    if (size_ > 0) ::madvise(data_, size_, MADV_DONTNEED);
  }
  const char* data() const { return static_cast<const char*>(data_); }
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
  const Header header = parse_json(text);
  if (!header.problem.empty()) fail(header.problem);
  std::vector<Extent> extents;
  try {
    for (const std::string& name : header.names) {
      const nlohmann::json& value = header.entries.at(name);
      if (name == "__metadata__") {
        metadata_ = value.get<std::map<std::string, std::string>>();
        continue;
      }
      const auto type = type_of(value.at("dtype"));
      if (!type)
        fail(fmt::format("tensor '{}' has dtype {}, only F32, F16, BF16 and I8 are read", name,
                         value.at("dtype").dump()));  // parse_json made sure that it is not deep
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
  check_scales();
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

void SafetensorsFile::check_scales() {
  for (const auto& [name, entry] : entries_) {
    if (entry.type != TensorType::kI8) continue;
    const auto scales = entries_.find(scales_of(name));
    if (entry.shape.size() != 2 || scales == entries_.end() ||
        scales->second.type != TensorType::kF32 ||
        scales->second.shape != std::vector{entry.shape.front()})
      fail(fmt::format("tensor '{}' is bytes, which need two dimensions and '{}' of F32, one a row",
                       name, scales_of(name)));
    std::erase(names_, scales_of(name));
  }
}

const SafetensorsFile::Entry& SafetensorsFile::entry(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) fail(fmt::format("has no tensor '{}'", name));
  return found->second;
}

void SafetensorsFile::check_left_over(const std::set<std::string>& names) const {
  if (!names.empty())
    fail(
        fmt::format("holds '{}', which the model of its config.toml has no place for; they don't "
                    "belong together",
                    *names.begin()));
}

void SafetensorsFile::drop_pages() const {
  mapping_->drop_pages();
}

const char* SafetensorsFile::data(const Entry& entry) const {
  return mapping_->data() + data_begin_ + entry.begin;
}

std::shared_ptr<const float> SafetensorsFile::values(const std::string& name,
                                                     std::span<const std::int64_t> shape) const {
  const Entry& found = entry(name);
  if (!std::equal(shape.begin(), shape.end(), found.shape.begin(), found.shape.end()))
    fail(fmt::format("tensor '{}' has shape [{}], expected [{}]", name,
                     fmt::join(found.shape, ", "), fmt::join(shape, ", ")));
  // The format doesn't promise alignment after a header written by others: copy where it is off.
  const char* from = data(found);
  const bool is_aligned = reinterpret_cast<std::uintptr_t>(from) % alignof(float) == 0;
  if (is_aligned && found.type == TensorType::kF32)
    return {mapping_, reinterpret_cast<const float*>(from)};
  return copy(name, found);
}

std::shared_ptr<const float> SafetensorsFile::copy(const std::string& name,
                                                   const Entry& entry) const {
  const std::size_t count = count_of(entry.shape);
  const std::shared_ptr<float[]> values(new float[count]);
  const char* from = data(entry);
  const auto fill = [&](auto value_of) {
    for (std::size_t i = 0; i < count; ++i) values[i] = value_of(i);
  };
  switch (entry.type) {
    case TensorType::kF32:
      fill([&](std::size_t i) { return value_at<float>(from, i); });
      break;
    case TensorType::kF16:
      fill([&](std::size_t i) { return from_f16(value_at<std::uint16_t>(from, i)); });
      break;
    case TensorType::kBf16:
      fill([&](std::size_t i) { return from_bf16(value_at<std::uint16_t>(from, i)); });
      break;
    case TensorType::kI8: {
      const char* scales = data(this->entry(scales_of(name)));
      const auto columns = static_cast<std::size_t>(entry.shape.back());
      fill([&](std::size_t i) {
        return static_cast<float>(value_at<std::int8_t>(from, i)) *
               value_at<float>(scales, i / columns);
      });
    }
  }
  return {values, values.get()};
}

}  // namespace heed
