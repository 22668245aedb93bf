#include "model/positions.h"

#include <cmath>

namespace heed {
namespace {

constexpr std::int64_t kKept = 512;

void fill(std::int64_t first, std::int64_t count, std::int64_t head_dim, std::vector<float>& rows) {
  rows.resize(static_cast<std::size_t>(count * head_dim));
  for (std::int64_t i = 0; i < count; ++i)
    rotary_angles(first + i, head_dim, rows.data() + i * head_dim);
}

}  // namespace

void sinusoidal_position(std::int64_t position, std::int64_t d_model, float* row) {
  for (std::int64_t pair = 0; pair < d_model / 2; ++pair) {
    const double exponent = 2.0 * static_cast<double>(pair) / static_cast<double>(d_model);
    const double angle = static_cast<double>(position) / std::pow(10000.0, exponent);
    row[2 * pair] = static_cast<float>(std::sin(angle));
    row[2 * pair + 1] = static_cast<float>(std::cos(angle));
  }
}

void rotary_angles(std::int64_t position, std::int64_t head_dim, float* row) {
  const std::int64_t pairs = head_dim / 2;
  for (std::int64_t pair = 0; pair < pairs; ++pair) {
    const double exponent = 2.0 * static_cast<double>(pair) / static_cast<double>(head_dim);
    const double angle = static_cast<double>(position) / std::pow(10000.0, exponent);
    row[pair] = static_cast<float>(std::cos(angle));
    row[pairs + pair] = static_cast<float>(std::sin(angle));
  }
}

RotaryTable::RotaryTable(std::int64_t head_dim) : head_dim_(head_dim) {
  fill(0, kKept, head_dim, kept_);
}

const float* RotaryTable::rows(std::int64_t first, std::int64_t count,
                               std::vector<float>& room) const {
  if (first + count <= kKept) return kept_.data() + first * head_dim_;
  fill(first, count, head_dim_, room);
  return room.data();
}

}  // namespace heed
