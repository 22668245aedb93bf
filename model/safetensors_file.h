#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace heed {

/// Named tensors in the safetensors format: 8 bytes of little-endian header length, a JSON header
/// {"name": {"dtype", "shape", "data_offsets": [begin, end]}, "__metadata__": {string: string}},
/// then the data. "F32" is heed's master precision; "F16" and "BF16" are read as float. So is "I8",
/// of matrices [rows, columns] with a second tensor NAME.scales, F32 [rows], that each row is
/// multiplied by.
enum class TensorType { kF32, kF16, kBf16, kI8 };

inline constexpr const char* kWeightsFile = "model.safetensors";  // of a model folder

inline constexpr std::string_view kScalesSuffix = ".scales";

/// A safetensors file mapped into memory, read only.
class SafetensorsFile {
 public:
  /// Throws std::runtime_error naming the file and what is wrong with it: truncated, foreign, an
  /// unknown dtype, offsets that overlap or leave the file, a header that isn't valid JSON or names
  /// a tensor twice, bytes without their scales, no regular file.
  explicit SafetensorsFile(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  /// Of all tensors but the scales of others, in the file's order.
  const std::vector<std::string>& names() const { return names_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  bool contains(const std::string& name) const { return entries_.contains(name); }
  std::span<const std::int64_t> shape(const std::string& name) const { return entry(name).shape; }
  TensorType type(const std::string& name) const { return entry(name).type; }

  /// The values of a tensor: of "F32" the mapped memory, which is not to be written to, of others a
  /// copy; both live as long as the pointer. Throws when there is none of that name or its shape
  /// isn't `shape`.
  std::shared_ptr<const float> values(const std::string& name,
                                      std::span<const std::int64_t> shape) const;

  /// Throws where there is one of `names`: tensors that the model has no place for.
  void check_left_over(const std::set<std::string>& names) const;

  /// Gives the memory of the values back to the system; they are read from the file again on need.
  void drop_pages() const;

 private:
  struct Entry {
    std::vector<std::int64_t> shape;
    std::size_t begin = 0;  // bytes from the start of the data
    TensorType type = TensorType::kF32;
  };
  using Extent = std::tuple<std::size_t, std::size_t, std::string>;  // begin, end, name
  class Mapping;

  [[noreturn]] void fail(const std::string& why) const;
  void parse_header(std::string_view header, std::size_t data_size);
  void check_extents(std::vector<Extent> extents, std::size_t data_size) const;
  void check_scales();
  const Entry& entry(const std::string& name) const;
  const char* data(const Entry& entry) const;
  std::shared_ptr<const float> copy(const std::string& name, const Entry& entry) const;

  std::filesystem::path path_;
  std::shared_ptr<Mapping> mapping_;
  std::size_t data_begin_ = 0;
  std::map<std::string, Entry> entries_;
  std::vector<std::string> names_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace heed
