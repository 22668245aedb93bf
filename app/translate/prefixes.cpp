#include "app/translate/prefixes.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <stdexcept>
#include <utility>

namespace heed {

Prefixes::Prefixes(std::string text, std::optional<LineReader> file)
    : text_(std::move(text)), file_(std::move(file)), cleaner_(file_ ? file_->name() : "") {}

std::vector<std::string> Prefixes::take(std::size_t count) {
  if (!file_) return std::vector<std::string>(text_.empty() ? 0 : count, text_);
  std::vector<std::string> prefixes(count);
  for (std::string& prefix : prefixes) {
    if (!file_->next(prefix))
      throw std::runtime_error(
          fmt::format("{}: ends after line {}, and the input goes on; give a line, which may be "
                      "empty, for each of the input's",
                      file_->name(), file_->line_number()));
    cleaner_.clean(prefix, file_->line_number());
  }
  return prefixes;
}

void Prefixes::check_end() {
  std::string line;
  if (file_ && file_->next(line))
    spdlog::warn("{}: goes on with line {} after the end of the input", file_->name(),
                 file_->line_number());
}

}  // namespace heed
