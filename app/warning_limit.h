#pragma once

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cstddef>
#include <string>
#include <utility>

namespace heed {

/// Warnings of one kind, of which the first ten are logged and the rest counted. From one thread at
/// a time.
class WarningLimit {
 public:
  /// `what` says in the end what there were more of: "stdin: lines with ill-formed UTF-8".
  explicit WarningLimit(std::string what) : what_(std::move(what)) {}
  ~WarningLimit();
  WarningLimit(const WarningLimit&) = delete;
  WarningLimit& operator=(const WarningLimit&) = delete;

  template <typename... Values>
  void warn(fmt::format_string<Values...> format, Values&&... values) {
    if (++count_ <= kNamed) spdlog::warn(fmt::format(format, std::forward<Values>(values)...));
    if (count_ == kNamed + 1) spdlog::warn("further warnings of this kind are only counted");
  }
  std::size_t count() const { return count_; }

 private:
  static constexpr std::size_t kNamed = 10;

  std::string what_;
  std::size_t count_ = 0;
};

}  // namespace heed
