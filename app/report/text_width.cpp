#include "app/report/text_width.h"

#include <unicode/uchar.h>

#include "data/utf8.h"

namespace heed {
namespace {

std::size_t columns_of(UChar32 c) {
  switch (u_charType(c)) {
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_FORMAT_CHAR:
    case U_CONTROL_CHAR:
      return 0;
    default:
      break;
  }
  const int width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

bool is_control(UChar32 c) {
  const auto type = u_charType(c);
  // Directions of embedded text would turn the columns around.
  return type == U_CONTROL_CHAR || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) ||
         type == U_LINE_SEPARATOR || type == U_PARAGRAPH_SEPARATOR;
}

}  // namespace

std::size_t text_columns(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t place = 0; place < text.size();)
    columns += columns_of(static_cast<UChar32>(decode_code_point(text, place)));
  return columns;
}

std::string fit_to_columns(std::string_view text, std::size_t columns) {
  std::string fitting;
  std::size_t used = 0;
  std::size_t end_of_cut = 0;  // of what fits beside "…"
  for (std::size_t place = 0; place < text.size();) {
    const char32_t c = decode_code_point(text, place);
    if (is_control(static_cast<UChar32>(c))) continue;
    used += columns_of(static_cast<UChar32>(c));
    if (used > columns) return fitting.substr(0, end_of_cut) + (columns > 0 ? "…" : "");
    append_code_point(fitting, c);
    if (used < columns) end_of_cut = fitting.size();
  }
  return fitting;
}

}  // namespace heed
