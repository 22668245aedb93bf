#include "data/wire_format.h"

#include <cstring>
#include <stdexcept>

namespace heed {
namespace {

constexpr std::uint64_t kMaxFieldNumber = 0x1FFFFFFF;

[[noreturn]] void fail() {
  throw std::runtime_error("it is truncated, damaged or no SentencePiece model");
}

template <typename T>
T to_number(std::string_view bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

template <typename T>
void append_raw(std::string& message, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  message.append(bytes, sizeof value);
}

void append_varint(std::string& message, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) message += static_cast<char>(value | 0x80);
  message += static_cast<char>(value);
}

void append_tag(std::string& message, std::uint64_t field, WireType type) {
  append_varint(message, field << 3 | static_cast<std::uint64_t>(type));
}

}  // namespace

WireField WireReader::next() {
  const std::uint64_t tag = read_varint();
  WireField field{tag >> 3, static_cast<WireType>(tag & 7), 0, {}};
  if (field.number == 0 || field.number > kMaxFieldNumber) fail();
  switch (field.type) {
    case WireType::kVarint:
      field.value = read_varint();
      break;
    case WireType::kFixed64:
      field.value = to_number<std::uint64_t>(take(sizeof(std::uint64_t)));
      break;
    case WireType::kFixed32:
      field.value = to_number<std::uint32_t>(take(sizeof(std::uint32_t)));
      break;
    case WireType::kBytes:
      field.bytes = take(read_varint());
      break;
    default:
      fail();
  }
  return field;
}

std::string_view WireReader::take(std::uint64_t size) {
  if (size > rest_.size()) fail();
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

std::uint64_t WireReader::read_varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(take(1)[0]);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  fail();
}

void append_number(std::string& message, std::uint64_t field, std::uint64_t value) {
  append_tag(message, field, WireType::kVarint);
  append_varint(message, value);
}

void append_float(std::string& message, std::uint64_t field, float value) {
  append_tag(message, field, WireType::kFixed32);
  append_raw(message, value);
}

void append_bytes(std::string& message, std::uint64_t field, std::string_view bytes) {
  append_tag(message, field, WireType::kBytes);
  append_varint(message, bytes.size());
  message += bytes;
}

void append_field(std::string& message, const WireField& field) {
  append_tag(message, field.number, field.type);
  switch (field.type) {
    case WireType::kVarint:
      return append_varint(message, field.value);
    case WireType::kFixed64:
      return append_raw(message, field.value);
    case WireType::kFixed32:
      return append_raw(message, static_cast<std::uint32_t>(field.value));
    case WireType::kBytes:
      append_varint(message, field.bytes.size());
      message += field.bytes;
  }
}

}  // namespace heed
