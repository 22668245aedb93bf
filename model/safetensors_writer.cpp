#include "model/safetensors_writer.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "model/safetensors_format.h"

namespace heed {
namespace {

class Header {
 public:
  explicit Header(const std::map<std::string, std::string>& metadata) {
    if (!metadata.empty()) json_["__metadata__"] = metadata;
  }

  void add(const std::string& name, std::span<const std::int64_t> shape, TensorType type) {
    const std::size_t end = offset_ + count_of(shape) * stored(type).bytes;
    json_[name] = {{"dtype", stored(type).name},
                   {"shape", std::vector(shape.begin(), shape.end())},
                   {"data_offsets", {offset_, end}}};
    offset_ = end;
  }

  std::string text() const {
    std::string text = json_.dump();
    text.resize((text.size() + kLengthBytes - 1) / kLengthBytes * kLengthBytes, ' ');
    return text;
  }

 private:
  nlohmann::ordered_json json_ = nlohmann::ordered_json::object();
  std::size_t offset_ = 0;
};

std::string make_header(std::span<const NamedValues> tensors,
                        const std::map<std::string, std::string>& metadata) {
  Header header(metadata);
  for (const NamedValues& tensor : tensors) {
    header.add(tensor.name, tensor.shape, tensor.type);
    if (tensor.type == TensorType::kI8)
      header.add(scales_of(tensor.name), std::span(tensor.shape).first(1), TensorType::kF32);
  }
  return header.text();
}

/// To the nearest, ties to even; NaN stays one.
std::uint16_t to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>(bits >> 16 | 0x40);
  return static_cast<std::uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

void write_bf16(const FileDescriptor& file, const NamedValues& tensor) {
  std::vector<std::uint16_t> halves(count_of(tensor.shape));
  std::transform(tensor.values, tensor.values + halves.size(), halves.begin(), to_bf16);
  file.write(halves.data(), halves.size() * sizeof(std::uint16_t));
}

void write_i8(const FileDescriptor& file, const NamedValues& tensor) {
  const auto rows = static_cast<std::size_t>(tensor.shape.front());
  const std::size_t columns = count_of(tensor.shape) / std::max<std::size_t>(rows, 1);
  std::vector<std::int8_t> bytes(rows * columns);
  std::vector<float> scales(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    const std::span values(tensor.values + row * columns, columns);
    float greatest = 0.0F;
    for (const float value : values) greatest = std::max(greatest, std::abs(value));
    scales[row] = greatest / 127.0F;
    for (std::size_t i = 0; i < columns && scales[row] > 0.0F; ++i)
      bytes[row * columns + i] = static_cast<std::int8_t>(std::lround(values[i] / scales[row]));
  }
  file.write(bytes.data(), bytes.size());
  file.write(scales.data(), scales.size() * sizeof(float));
}

void write_values(const FileDescriptor& file, const NamedValues& tensor) {
  switch (tensor.type) {
    case TensorType::kF32:
      return file.write(tensor.values, count_of(tensor.shape) * sizeof(float));
    case TensorType::kBf16:
      return write_bf16(file, tensor);
    case TensorType::kI8:
      return write_i8(file, tensor);
    case TensorType::kF16:
      throw std::invalid_argument(fmt::format("{}: F16 is read only", tensor.name));
  }
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, std::span<const NamedValues> tensors,
                       const std::map<std::string, std::string>& metadata) {
  const FileDescriptor file(path, O_WRONLY | O_CREAT | O_TRUNC);
  const std::string header = make_header(tensors, metadata);
  const auto length = static_cast<std::uint64_t>(header.size());
  file.write(&length, sizeof(length));
  file.write(header.data(), header.size());
  for (const NamedValues& tensor : tensors) write_values(file, tensor);
  file.sync();
}

}  // namespace heed
