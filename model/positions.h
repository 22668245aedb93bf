#pragma once

#include <cstdint>
#include <vector>

namespace heed {

/// The sinusoidal vector of a position, to `row` [d_model]: at even columns 2i
/// sin(position / 10000^(2i / d_model)), at odd ones the cosine (Vaswani et al. 2017, 3.5).
void sinusoidal_position(std::int64_t position, std::int64_t d_model, float* row);

/// By what angles a position turns the pairs of a query's or key's head, see RotaryArguments in
/// kernels.h, to `row` [head_dim]: the cosines of position * 10000^(-2i / head_dim) for each pair
/// i, then the sines (RoFormer, Su et al. 2021, 3.2.2). The product of a query and a key so turned
/// depends on the distance between them, not on where they are.
void rotary_angles(std::int64_t position, std::int64_t head_dim, float* row);

/// The angles of the first positions, kept; of others computed when asked for.
class RotaryTable {
 public:
  explicit RotaryTable(std::int64_t head_dim);

  /// Of positions `first` to `first + count - 1`: [count, head_dim], perhaps in `room`.
  const float* rows(std::int64_t first, std::int64_t count, std::vector<float>& room) const;

 private:
  std::int64_t head_dim_;
  std::vector<float> kept_;
};

}  // namespace heed
