#pragma once

#include <cstdint>

namespace heed {

/// The sinusoidal vector of a position, to `row` [d_model]: at even columns 2i
/// sin(position / 10000^(2i / d_model)), at odd ones the cosine (Vaswani et al. 2017, 3.5).
void sinusoidal_position(std::int64_t position, std::int64_t d_model, float* row);

}  // namespace heed
