#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/report/colour_ramp.h"

namespace heed {

/// Lengths are in points of a page's screen (CSS px); y grows downwards.
struct FigurePoint {
  double x = 0.0;
  double y = 0.0;
};

struct FigureBox {
  FigurePoint corner;  // top left
  double width = 0.0;
  double height = 0.0;
  std::optional<Colour> fill;
  std::optional<Colour> stroke;
  double stroke_width = 1.0;
  bool is_dashed = false;
};

/// A straight line of two points, or a cubic Bézier curve of four.
struct FigureStroke {
  std::vector<FigurePoint> points;
  Colour colour;
  double width = 1.0;
  double opacity = 1.0;
  bool is_dashed = false;
};

struct FigureDisc {
  FigurePoint center;
  double radius = 1.0;
  Colour fill;
  Colour stroke;
};

enum class TextAnchor { kStart, kMiddle, kEnd };

/// One line of text; `place` is where its baseline starts, is halved, or ends.
struct FigureText {
  FigurePoint place;
  double size = 13.0;
  std::string text;
  TextAnchor anchor = TextAnchor::kStart;
  double degrees = 0.0;  // turned around `place`, clockwise
  Colour colour;
};

using FigureShape = std::variant<FigureBox, FigureStroke, FigureDisc, FigureText>;

/// A drawing on white; later shapes cover earlier ones.
struct Figure {
  double width = 0.0;
  double height = 0.0;
  std::vector<FigureShape> shapes;
};

/// About how wide `text` is in the fonts that figures ask for.
double estimated_width(const std::string& text, double size);

/// A whole SVG 1.1 document without style sheets or scripts, in generic fonts. Text is escaped;
/// what XML cannot hold (bytes that are not UTF-8, control characters) becomes U+FFFD.
void write_svg(std::ostream& out, const Figure& figure);

}  // namespace heed
