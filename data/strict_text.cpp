#include "data/strict_text.h"

#include <fmt/format.h>

#include <stdexcept>

#include "data/utf8.h"

namespace heed {

void check_training_line(std::string_view line, const std::string& name, std::size_t line_number) {
  const std::size_t bad = first_invalid_utf8(line);
  if (bad != std::string_view::npos) {
    throw std::runtime_error(fmt::format(
        "{}:{}: byte {} of the line (0x{:02X}) is not valid UTF-8; convert the text, for "
        "example with iconv, or remove the line from both sides",
        name, line_number, bad + 1, static_cast<unsigned char>(line[bad])));
  }
  const std::size_t nul = line.find('\0');
  if (nul != std::string_view::npos) {
    throw std::runtime_error(fmt::format("{}:{}: byte {} of the line is NUL; is this a text file?",
                                         name, line_number, nul + 1));
  }
}

StrictLineReader::StrictLineReader(const std::filesystem::path& path) : reader_(path) {}

bool StrictLineReader::next(std::string& line) {
  if (!reader_.next(line)) return false;
  if (reader_.line_number() == 1 && line.starts_with(kUtf8ByteOrderMark)) {
    line.erase(0, kUtf8ByteOrderMark.size());
  }
  check_training_line(line, reader_.name(), reader_.line_number());
  return true;
}

}  // namespace heed
