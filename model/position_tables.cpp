#include "model/position_tables.h"

#include "model/aten_ops.h"
#include "model/positions.h"

namespace heed {
namespace {

at::Tensor table_of(std::int64_t start, std::int64_t len, std::int64_t width,
                    void (*compute_row)(std::int64_t, std::int64_t, float*)) {
  at::Tensor table = at::empty({len, width}, at::kFloat);
  auto* rows = table.mutable_data_ptr<float>();
  for (std::int64_t row = 0; row < len; ++row) compute_row(start + row, width, rows + row * width);
  return table;
}

}  // namespace

at::Tensor sinusoidal_positions(std::int64_t start, std::int64_t len, std::int64_t d_model) {
  return table_of(start, len, d_model, sinusoidal_position);
}

at::Tensor rotary_positions(std::int64_t start, std::int64_t len, std::int64_t head_dim) {
  return table_of(start, len, head_dim, rotary_angles);
}

}  // namespace heed
