#include "app/report/figure.h"

#include <fmt/format.h>

#include <ostream>

#include "app/report/text_width.h"
#include "data/markup.h"
#include "data/utf8.h"

namespace heed {
namespace {

constexpr std::string_view kFonts =
    "Helvetica, Arial, 'Noto Sans', 'Noto Sans CJK JP', 'Hiragino Sans', sans-serif";

std::string hex(const Colour& colour) {
  return fmt::format("#{:02x}{:02x}{:02x}", colour.red, colour.green, colour.blue);
}

std::string paint(const std::optional<Colour>& colour) {
  return colour ? hex(*colour) : "none";
}

// XML holds no control characters, not even as references.
std::string without_controls(std::string_view text) {
  std::string result;
  for (std::size_t place = 0; place < text.size();) {
    const char32_t c = decode_code_point(text, place);
    const bool is_allowed = c >= 0x20 && c != 0x7F && c != 0xFFFE && c != 0xFFFF;
    append_code_point(result, is_allowed ? c : U'\uFFFD');
  }
  return result;
}

std::string_view dashes(bool is_dashed) {
  return is_dashed ? R"( stroke-dasharray="4 3")" : "";
}

/// Writes each kind of shape as an element.
struct SvgWriter {
  std::ostream& out;

  void operator()(const FigureBox& box) const {
    out << fmt::format(R"(<rect x="{:g}" y="{:g}" width="{:g}" height="{:g}" fill="{}")",
                       box.corner.x, box.corner.y, box.width, box.height, paint(box.fill));
    if (box.stroke)
      out << fmt::format(R"( stroke="{}" stroke-width="{:g}"{})", hex(*box.stroke),
                         box.stroke_width, dashes(box.is_dashed));
    out << "/>\n";
  }
  void operator()(const FigureStroke& stroke) const {
    out << "<path d=\"";
    for (std::size_t i = 0; i < stroke.points.size(); ++i) {
      const std::string_view command = i == 0                      ? "M"
                                       : i > 1                     ? " "
                                       : stroke.points.size() == 4 ? "C"
                                                                   : "L";
      out << fmt::format("{}{:.6g} {:.6g}", command, stroke.points[i].x, stroke.points[i].y);
    }
    out << fmt::format(
        R"(" fill="none" stroke="{}" stroke-width="{:.3g}" stroke-opacity="{:.3g}" stroke-linecap="round"{}/>)",
        hex(stroke.colour), stroke.width, stroke.opacity, dashes(stroke.is_dashed));
    out << '\n';
  }
  void operator()(const FigureDisc& disc) const {
    out << fmt::format(R"(<circle cx="{:g}" cy="{:g}" r="{:g}" fill="{}" stroke="{}"/>)",
                       disc.center.x, disc.center.y, disc.radius, hex(disc.fill), hex(disc.stroke))
        << '\n';
  }
  void operator()(const FigureText& text) const {
    constexpr std::string_view kAnchors[] = {"start", "middle", "end"};
    out << fmt::format(R"(<text x="{:g}" y="{:g}" font-size="{:g}" fill="{}" text-anchor="{}")",
                       text.place.x, text.place.y, text.size, hex(text.colour),
                       kAnchors[static_cast<std::size_t>(text.anchor)]);
    if (text.degrees != 0.0)
      out << fmt::format(R"svg( transform="rotate({:g} {:g} {:g})")svg", text.degrees, text.place.x,
                         text.place.y);
    out << '>' << escape_markup(without_controls(text.text)) << "</text>\n";
  }
};

}  // namespace

double estimated_width(const std::string& text, double size) {
  // Letters of proportional fonts take a little over half of their height, wide characters all.
  return 0.56 * size * static_cast<double>(text_columns(text));
}

void write_svg(std::ostream& out, const Figure& figure) {
  out << fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0:g}" height="{1:g}" viewBox="0 0 {0:g} {1:g}" font-family="{2}">)",
      figure.width, figure.height, kFonts);
  out << '\n' << R"(<rect width="100%" height="100%" fill="#ffffff"/>)" << '\n';
  for (const FigureShape& shape : figure.shapes) std::visit(SvgWriter{out}, shape);
  out << "</svg>\n";
}

}  // namespace heed
