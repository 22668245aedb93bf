#include "app/clean_input.h"

#include <utility>

#include "data/utf8.h"

namespace heed {

InputCleaner::InputCleaner(std::string name, UndoneLines* undone)
    : name_(std::move(name)), undone_(undone), repaired_(name_ + ": lines that are not UTF-8") {}

bool InputCleaner::clean(std::string& line, std::size_t line_number) {
  if (undone_ != nullptr && line.size() > kMostLineBytes) {
    undone_->add(fmt::format("{}:{}", name_, line_number),
                 fmt::format("the line has more than {} bytes", kMostLineBytes));
    line.clear();
    return false;
  }
  const std::size_t bad = first_invalid_utf8(line);
  if (bad == std::string::npos) return true;
  repaired_.warn("{}:{}: byte {} is not UTF-8; replaced by U+FFFD", name_, line_number, bad + 1);
  line = replace_invalid_utf8(line);
  return true;
}

}  // namespace heed
