#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

/// Writes NumPy's NPZ: a ZIP archive (PKWARE APPNOTE 6.3.3, entries stored, no zip64) of arrays in
/// .npy version 1.0, which `numpy.load` opens. Times are fixed, so equal content gives equal bytes.
/// The stream must be binary, outlive the writer, and start at its own offset 0. Without `finish`
/// the archive has no directory and no reader accepts it.
class NpzWriter {
 public:
  /// What a ZIP archive without its zip64 extension can hold.
  static constexpr std::uint64_t kMaxBytes = 0xFFFFFFFF;
  static constexpr std::size_t kMaxEntries = 0xFFFF;

  /// An archive that would pass `max_bytes` is an error (std::runtime_error) before it is written.
  explicit NpzWriter(std::ostream& out, std::uint64_t max_bytes = kMaxBytes);

  /// Adds `name`.npy of little-endian float32; the product of `shape` is the number of values, else
  /// std::invalid_argument.
  void add_array(const std::string& name, std::span<const std::size_t> shape,
                 std::span<const float> values);

  /// Adds `name` as it is; numpy.load gives the bytes.
  void add_bytes(const std::string& name, std::string_view bytes);

  /// Writes the directory; nothing can be added after it. Throws std::runtime_error when the
  /// stream has failed.
  void finish();

 private:
  struct Entry {
    std::string name;
    std::uint32_t crc = 0;
    std::uint32_t size = 0;
    std::uint32_t offset = 0;
  };

  void add_entry(const std::string& name, std::string_view head, std::string_view body);
  void write(std::string_view bytes);

  std::ostream& out_;
  std::uint64_t max_bytes_;
  std::uint64_t offset_ = 0;
  std::uint64_t directory_size_ = 0;  // of the entries so far
  std::vector<Entry> entries_;
};

}  // namespace heed
