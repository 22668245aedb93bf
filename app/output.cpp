#include "app/output.h"

#include <spdlog/spdlog.h>

#include <exception>
#include <iostream>

namespace heed {

Output::Output(const std::string& path, OnFailure on_failure)
    : on_failure_(on_failure), exceptions_at_start_(std::uncaught_exceptions()) {
  if (!path.empty() && path != "-") file_.emplace(path);
}

Output::~Output() {
  const bool has_failed = std::uncaught_exceptions() > exceptions_at_start_;
  if (file_ && has_failed && on_failure_ == OnFailure::kKeepPart && file_->stream().good())
    keep_part();
}

void Output::keep_part() try {
  if (const auto part = file_->commit_part())
    spdlog::warn("{}: holds what was finished", part->string());
} catch (const std::exception& error) {
  spdlog::warn("what was finished is lost, too: {}", error.what());
}

std::ostream& Output::stream() {
  return file_ ? file_->stream() : std::cout;
}

void Output::finish() {
  if (!file_) {
    std::cout.flush();
    return;
  }
  file_->commit();
  file_.reset();
}

}  // namespace heed
