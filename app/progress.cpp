#include "app/progress.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>

namespace heed {
namespace {

constexpr double kFirstReport = 2.0;
constexpr double kTerminalInterval = 0.2;
constexpr double kPlainInterval = 10.0;

bool status_shown = false;

std::size_t terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

bool stderr_is_terminal() {
  static const bool result = ::isatty(STDERR_FILENO) == 1;
  return result;
}

std::string format_duration(double seconds) {
  const auto total = static_cast<long>(std::llround(std::max(0.0, seconds)));
  if (total < 3600) return fmt::format("{}:{:02}", total / 60, total % 60);
  return fmt::format("{}:{:02}:{:02}", total / 3600, total / 60 % 60, total % 60);
}

void show_status(const std::string& text) {
  if (!stderr_is_terminal()) return;
  // A line that wraps could not be written over.
  fmt::print(stderr, "\r\033[K{}", text.substr(0, terminal_width() - 1));
  std::fflush(stderr);
  status_shown = true;
}

void clear_status() {
  if (!status_shown) return;
  fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
  status_shown = false;
}

Progress::Progress(std::string what, std::string unit, std::size_t total)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      total_(total),
      next_report_(kFirstReport),
      on_terminal_(stderr_is_terminal()) {}

Progress::~Progress() {
  clear_status();
}

void Progress::update(std::size_t done) {
  done_ = done;
  const double now = watch_.seconds();
  if (now < next_report_) return;
  next_report_ = now + (on_terminal_ ? kTerminalInterval : kPlainInterval);
  if (on_terminal_)
    show_status(describe());
  else
    spdlog::info("{}", describe());
}

std::string Progress::describe() const {
  const double seconds = watch_.seconds();
  const double rate = static_cast<double>(done_) / seconds;
  std::string text = fmt::format("{}: {}", what_, done_);
  if (total_ > 0) text += fmt::format(" of {}", total_);
  text += fmt::format(" {}, {:.0f} a second", unit_, rate);
  if (total_ > done_ && done_ > 0)
    text += fmt::format(", {} left", format_duration(static_cast<double>(total_ - done_) / rate));
  return text;
}

}  // namespace heed
