#include "app/clean_input.h"

#include <spdlog/spdlog.h>

#include "data/utf8.h"

namespace heed {

void clean_line(std::string& line, const std::string& input_name, std::size_t line_number) {
  const std::size_t bad = first_invalid_utf8(line);
  if (bad == std::string::npos) return;
  spdlog::warn("{}:{}: byte {} is not UTF-8; replaced by U+FFFD", input_name, line_number, bad + 1);
  line = replace_invalid_utf8(line);
}

}  // namespace heed
