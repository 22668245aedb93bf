#include "app/undone_lines.h"

#include <stdexcept>
#include <utility>

namespace heed {

UndoneLines::UndoneLines(std::string substitute)
    : substitute_(std::move(substitute)), warnings_("lines " + substitute_) {}

void UndoneLines::add(std::string_view place, std::string_view why) {
  warnings_.warn("{}: {}; {}", place, why, substitute_);
}

void UndoneLines::report() const {
  const std::size_t count = warnings_.count();
  if (count == 0) return;
  throw std::runtime_error(
      fmt::format("all is written, but of {} {} nothing could be made, see the warnings", count,
                  count == 1 ? "line" : "lines"));
}

}  // namespace heed
