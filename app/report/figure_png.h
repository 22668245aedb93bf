#pragma once

#include <iosfwd>

#include "app/report/figure.h"

namespace heed {

/// Whether this build can draw text into pixels (Pango and Cairo were there when it was built).
bool can_write_png();

/// The figure as PNG, `scale` pixels a unit of length; Pango shapes the text, so that any script
/// comes out right where a font has it. Throws std::runtime_error, with the way out, where
/// `can_write_png` is false, and when the picture would be larger than Cairo can draw.
void write_png(std::ostream& out, const Figure& figure, double scale = 3.0);

}  // namespace heed
