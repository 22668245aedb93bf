#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace heed {

// Serialized protocol buffer messages (protobuf.dev, "Encoding"), field by field.

enum class WireType { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct WireField {
  std::uint64_t number;
  WireType type;
  std::uint64_t value;     // of a number
  std::string_view bytes;  // of WireType::kBytes
};

/// Walks the fields of a message, whose bytes must outlive what it gives. Throws
/// std::runtime_error where they are no such message.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  bool is_done() const { return rest_.empty(); }
  WireField next();

 private:
  std::string_view take(std::uint64_t size);
  std::uint64_t read_varint();

  std::string_view rest_;
};

void append_number(std::string& message, std::uint64_t field, std::uint64_t value);
void append_float(std::string& message, std::uint64_t field, float value);
void append_bytes(std::string& message, std::uint64_t field, std::string_view bytes);
/// `field` as it was read.
void append_field(std::string& message, const WireField& field);

}  // namespace heed
