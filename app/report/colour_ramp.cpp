#include "app/report/colour_ramp.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace heed {
namespace {

std::uint8_t to_srgb(double linear) {
  const double value =
      linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1 / 2.4) - 0.055;
  return static_cast<std::uint8_t>(std::lround(255 * std::clamp(value, 0.0, 1.0)));
}

Colour from_oklch(double lightness, double chroma, double hue) {
  const double angle = hue * std::numbers::pi / 180;
  const double a = chroma * std::cos(angle);
  const double b = chroma * std::sin(angle);
  const double l = std::pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
  const double m = std::pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
  const double s = std::pow(lightness - 0.0894841775 * a - 1.291485548 * b, 3);
  return {to_srgb(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
          to_srgb(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
          to_srgb(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s)};
}

}  // namespace

Colour ramp_colour(double weight) {
  const double t = std::isfinite(weight) ? std::clamp(weight, 0.0, 1.0) : 0.0;
  const double chroma = 0.008 + 0.13 * std::sin(std::numbers::pi * 0.86 * t);
  return from_oklch(0.965 + (0.3 - 0.965) * t, chroma, 242 + 22 * t);
}

bool is_dark(const Colour& colour) {
  return 0.299 * colour.red + 0.587 * colour.green + 0.114 * colour.blue < 140;
}

}  // namespace heed
