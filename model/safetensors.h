#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace heed {

/// Named tensors in the safetensors format: 8 bytes of little-endian header length, a JSON header
/// {"name": {"dtype", "shape", "data_offsets": [begin, end]}, "__metadata__": {string: string}},
/// then the data. 32-bit float ("F32") is written, heed's master precision; "F16" and "BF16", which
/// others write, are read as well, as float.

/// Writes `tensors` in order and waits until they are on disk. Throws std::runtime_error naming the
/// file on any failure; the caller writes to a temporary folder and renames.
void write_safetensors(const std::filesystem::path& path,
                       const std::vector<std::pair<std::string, at::Tensor>>& tensors,
                       const std::map<std::string, std::string>& metadata);

/// A safetensors file mapped into memory, read only.
class SafetensorsFile {
 public:
  /// Throws std::runtime_error naming the file and what is wrong with it: truncated, foreign, an
  /// unknown dtype, offsets that overlap or leave the file, a header that isn't valid JSON.
  explicit SafetensorsFile(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  const std::vector<std::string>& names() const { return names_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  bool contains(const std::string& name) const { return entries_.contains(name); }
  /// A float tensor: of "F32" over the mapped memory, which lives as long as any tensor or the file
  /// does, and which must not be written to. Throws when there is none of that name or its shape
  /// isn't `shape`.
  at::Tensor tensor(const std::string& name, at::IntArrayRef shape) const;
  at::IntArrayRef shape(const std::string& name) const;

 private:
  struct Entry {
    std::vector<std::int64_t> shape;
    std::size_t begin = 0;  // bytes from the start of the data
    at::ScalarType type = at::kFloat;
  };
  using Extent = std::tuple<std::size_t, std::size_t, std::string>;  // begin, end, name
  class Mapping;

  [[noreturn]] void fail(const std::string& why) const;
  void parse_header(std::string_view header, std::size_t data_size);
  void check_extents(std::vector<Extent> extents, std::size_t data_size) const;
  const Entry& entry(const std::string& name) const;

  std::filesystem::path path_;
  std::shared_ptr<Mapping> mapping_;
  std::size_t data_begin_ = 0;
  std::map<std::string, Entry> entries_;
  std::vector<std::string> names_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace heed
