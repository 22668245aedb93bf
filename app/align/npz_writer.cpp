#include "app/align/npz_writer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zlib.h>

#include <bit>
#include <ostream>
#include <stdexcept>

namespace heed {
namespace {

static_assert(std::endian::native == std::endian::little,
              "arrays are written as they lie in memory");

constexpr std::uint64_t kLocalHeaderSize = 30;
constexpr std::uint64_t kDirectoryEntrySize = 46;
constexpr std::uint64_t kDirectoryEndSize = 22;
constexpr std::uint16_t kVersion = 20;           // 2.0: stored entries in folders
constexpr std::uint16_t kUtf8Names = 1U << 11U;  // general purpose flag
constexpr std::uint16_t kFirstDosDate = 0x21;    // 1980-01-01, the earliest there is

void put_u16(std::string& bytes, std::uint32_t value) {
  bytes += static_cast<char>(value & 0xFFU);
  bytes += static_cast<char>((value >> 8U) & 0xFFU);
}

void put_u32(std::string& bytes, std::uint32_t value) {
  put_u16(bytes, value & 0xFFFFU);
  put_u16(bytes, value >> 16U);
}

// The fields that the header of an entry and its line in the directory share.
void put_entry_fields(std::string& bytes, std::uint32_t crc, std::uint32_t size,
                      std::size_t name_size) {
  put_u16(bytes, kVersion);
  put_u16(bytes, kUtf8Names);
  put_u16(bytes, 0);  // method: stored
  put_u16(bytes, 0);  // time
  put_u16(bytes, kFirstDosDate);
  put_u32(bytes, crc);
  put_u32(bytes, size);  // compressed
  put_u32(bytes, size);
  put_u16(bytes, static_cast<std::uint32_t>(name_size));
  put_u16(bytes, 0);  // length of the extra field
}

std::uint32_t extend_crc(std::uint32_t crc, std::string_view bytes) {
  if (bytes.empty()) return crc;  // zlib takes a null pointer for "begin anew"
  return static_cast<std::uint32_t>(
      crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// Version 1.0: magic, length, and a Python literal padded so that the data starts at a multiple
// of 64.
std::string npy_header(std::span<const std::size_t> shape) {
  std::string dictionary =
      fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}{}), }}",
                  fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
  constexpr std::size_t kPrefixSize = 10;
  const std::size_t unpadded = kPrefixSize + dictionary.size() + 1;
  dictionary.append((64 - unpadded % 64) % 64, ' ');
  dictionary += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  put_u16(header, static_cast<std::uint32_t>(dictionary.size()));
  return header + dictionary;
}

}  // namespace

NpzWriter::NpzWriter(std::ostream& out, std::uint64_t max_bytes)
    : out_(out), max_bytes_(std::min(max_bytes, kMaxBytes)) {}

void NpzWriter::add_array(const std::string& name, std::span<const std::size_t> shape,
                          std::span<const float> values) {
  std::size_t count = 1;
  for (const std::size_t size : shape) count *= size;
  if (count != values.size()) {
    throw std::invalid_argument(fmt::format("{}: {} values for an array of shape [{}]", name,
                                            values.size(), fmt::join(shape, ", ")));
  }
  add_entry(name + ".npy", npy_header(shape),
            {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

void NpzWriter::add_bytes(const std::string& name, std::string_view bytes) {
  add_entry(name, {}, bytes);
}

void NpzWriter::add_entry(const std::string& name, std::string_view head, std::string_view body) {
  if (name.size() > 0xFFFF) throw std::invalid_argument("the name of an NPZ entry is too long");
  const std::uint64_t size = head.size() + body.size();
  const std::uint64_t directory_size = directory_size_ + kDirectoryEntrySize + name.size();
  const std::uint64_t end = offset_ + kLocalHeaderSize + name.size() + size;
  if (end + directory_size + kDirectoryEndSize > max_bytes_ || entries_.size() == kMaxEntries) {
    throw std::runtime_error(fmt::format(
        "{} does not fit: an NPZ file holds at most {} bytes and {} arrays; write fewer sentences, "
        "layers or heads to one file, or use JSON",
        name, max_bytes_, kMaxEntries));
  }
  Entry entry{name, extend_crc(extend_crc(0, head), body), static_cast<std::uint32_t>(size),
              static_cast<std::uint32_t>(offset_)};
  std::string header("PK\x03\x04", 4);
  put_entry_fields(header, entry.crc, entry.size, name.size());
  write(header);
  write(name);
  write(head);
  write(body);
  directory_size_ = directory_size;
  entries_.push_back(std::move(entry));
}

void NpzWriter::finish() {
  const std::uint64_t directory_offset = offset_;
  for (const Entry& entry : entries_) {
    std::string line("PK\x01\x02", 4);
    put_u16(line, kVersion);  // made by
    put_entry_fields(line, entry.crc, entry.size, entry.name.size());
    put_u16(line, 0);  // comment length
    put_u16(line, 0);  // disk
    put_u16(line, 0);  // internal attributes
    put_u32(line, 0);  // external attributes
    put_u32(line, entry.offset);
    write(line + entry.name);
  }
  std::string end("PK\x05\x06", 4);
  put_u32(end, 0);  // this disk, disk of the directory
  put_u16(end, static_cast<std::uint32_t>(entries_.size()));
  put_u16(end, static_cast<std::uint32_t>(entries_.size()));
  put_u32(end, static_cast<std::uint32_t>(directory_size_));
  put_u32(end, static_cast<std::uint32_t>(directory_offset));
  put_u16(end, 0);  // comment length
  write(end);
  if (!out_.flush()) throw std::runtime_error("writing the NPZ file failed; is the disk full?");
}

void NpzWriter::write(std::string_view bytes) {
  out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  offset_ += bytes.size();
}

}  // namespace heed
