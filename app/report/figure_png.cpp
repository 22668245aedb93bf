#include "app/report/figure_png.h"

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <numbers>
#include <ostream>
#include <stdexcept>
#include <string>

#ifdef HEED_PANGO
#include <pango/pangocairo.h>

#include "app/report/text_width.h"
#endif

namespace heed {

#ifndef HEED_PANGO

bool can_write_png() {
  return false;
}

void write_png(std::ostream&, const Figure&, double) {
  throw std::runtime_error(
      "this build draws no PNG: Pango was not found when it was built (Debian: apt-get install "
      "libpango1.0-dev pkg-config). --format svg needs nothing");
}

#else

namespace {

constexpr double kLargestSide = 32767.0;  // of a Cairo image, in pixels

template <typename T, auto kFree>
struct Deleter {
  void operator()(T* object) const { kFree(object); }
};
using Surface = std::unique_ptr<cairo_surface_t, Deleter<cairo_surface_t, cairo_surface_destroy>>;
using Context = std::unique_ptr<cairo_t, Deleter<cairo_t, cairo_destroy>>;
using Font = std::unique_ptr<PangoFontDescription,
                             Deleter<PangoFontDescription, pango_font_description_free>>;
struct Layout {
  explicit Layout(cairo_t* cairo) : layout(pango_cairo_create_layout(cairo)) {}
  ~Layout() { g_object_unref(layout); }
  Layout(const Layout&) = delete;
  Layout& operator=(const Layout&) = delete;
  PangoLayout* layout;
};

/// Paints each kind of shape.
class Painter {
 public:
  explicit Painter(cairo_t* cairo) : cairo_(cairo) {}

  void operator()(const FigureBox& box) const {
    cairo_rectangle(cairo_, box.corner.x, box.corner.y, box.width, box.height);
    if (box.fill) {
      set_colour(*box.fill);
      cairo_fill_preserve(cairo_);
    }
    if (box.stroke) stroke(*box.stroke, box.stroke_width, 1.0, box.is_dashed);
    cairo_new_path(cairo_);
  }
  void operator()(const FigureStroke& line) const {
    const auto& points = line.points;
    cairo_move_to(cairo_, points[0].x, points[0].y);
    if (points.size() == 4)
      cairo_curve_to(cairo_, points[1].x, points[1].y, points[2].x, points[2].y, points[3].x,
                     points[3].y);
    else
      cairo_line_to(cairo_, points[1].x, points[1].y);
    stroke(line.colour, line.width, line.opacity, line.is_dashed);
  }
  void operator()(const FigureDisc& disc) const {
    cairo_new_sub_path(cairo_);
    cairo_arc(cairo_, disc.center.x, disc.center.y, disc.radius, 0.0, 2 * std::numbers::pi);
    set_colour(disc.fill);
    cairo_fill_preserve(cairo_);
    stroke(disc.stroke, 1.0, 1.0, false);
  }
  void operator()(const FigureText& text) const {
    const Layout made(cairo_);
    const Font font(pango_font_description_from_string("Helvetica, Arial, Noto Sans, sans-serif"));
    pango_font_description_set_absolute_size(font.get(), text.size * PANGO_SCALE);
    pango_layout_set_font_description(made.layout, font.get());
    // Without control characters and broken bytes, which Pango would complain about.
    const std::string clean = fit_to_columns(text.text, text.text.size());
    pango_layout_set_text(made.layout, clean.c_str(), static_cast<int>(clean.size()));
    pango_layout_set_single_paragraph_mode(made.layout, TRUE);
    PangoRectangle extents;
    pango_layout_get_extents(made.layout, nullptr, &extents);
    const double width = extents.width / static_cast<double>(PANGO_SCALE);
    const double baseline =
        pango_layout_get_baseline(made.layout) / static_cast<double>(PANGO_SCALE);
    const double shift = text.anchor == TextAnchor::kStart    ? 0.0
                         : text.anchor == TextAnchor::kMiddle ? width / 2
                                                              : width;
    cairo_save(cairo_);
    cairo_translate(cairo_, text.place.x, text.place.y);
    cairo_rotate(cairo_, text.degrees * std::numbers::pi / 180);
    cairo_move_to(cairo_, -shift, -baseline);
    set_colour(text.colour);
    pango_cairo_show_layout(cairo_, made.layout);
    cairo_restore(cairo_);
  }

 private:
  void set_colour(const Colour& colour, double opacity = 1.0) const {
    cairo_set_source_rgba(cairo_, colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0,
                          opacity);
  }
  void stroke(const Colour& colour, double width, double opacity, bool is_dashed) const {
    constexpr double kDashes[] = {4.0, 3.0};
    set_colour(colour, opacity);
    cairo_set_line_width(cairo_, width);
    cairo_set_line_cap(cairo_, is_dashed ? CAIRO_LINE_CAP_BUTT : CAIRO_LINE_CAP_ROUND);
    cairo_set_dash(cairo_, kDashes, is_dashed ? 2 : 0, 0.0);
    cairo_stroke(cairo_);
  }

  cairo_t* cairo_;
};

// Into memory: a stream might throw, which Cairo, being C, would not survive.
cairo_status_t append(void* bytes, const unsigned char* data, unsigned length) {
  static_cast<std::string*>(bytes)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

}  // namespace

bool can_write_png() {
  return true;
}

void write_png(std::ostream& out, const Figure& figure, double scale) {
  const double width = std::ceil(figure.width * scale);
  const double height = std::ceil(figure.height * scale);
  if (width > kLargestSide || height > kLargestSide)
    throw std::runtime_error(fmt::format(
        "a picture of {:g} by {:g} pixels is too large for PNG; --format svg has no limit", width,
        height));
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(width),
                                                   static_cast<int>(height)));
  const Context context(cairo_create(surface.get()));
  cairo_scale(context.get(), scale, scale);
  cairo_set_source_rgb(context.get(), 1.0, 1.0, 1.0);
  cairo_paint(context.get());
  for (const FigureShape& shape : figure.shapes) std::visit(Painter(context.get()), shape);
  std::string bytes;
  const cairo_status_t status = cairo_surface_write_to_png_stream(surface.get(), append, &bytes);
  if (status != CAIRO_STATUS_SUCCESS)
    throw std::runtime_error(
        fmt::format("cannot draw the PNG: {}", cairo_status_to_string(status)));
  out << bytes;
}

#endif

}  // namespace heed
