#pragma once

#include <cstdint>

namespace heed {

struct Colour {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
  bool operator==(const Colour&) const = default;
};

/// The colour of a weight on a light page, from near white for 0 to dark blue for 1: one hue,
/// lightness in even steps of OKLab (Ottosson 2020), so that twice as strong looks twice as far
/// from the background. Weights outside of [0, 1] count as the nearer end, those not finite as 0.
Colour ramp_colour(double weight);

/// Whether white is more legible on `colour` than black.
bool is_dark(const Colour& colour);

}  // namespace heed
