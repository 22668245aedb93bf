#pragma once

#include <chrono>
#include <string>

namespace heed {

/// Whether standard error is a terminal, on which a line may be written over.
bool stderr_is_terminal();

/// Seconds since its making.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// "4:07" or "1:02:33".
std::string format_duration(double seconds);

/// The state of something that takes time. On a terminal one line of standard error, written over
/// several times a second; elsewhere a plain log line at intervals. Nothing in the first two
/// seconds.
class Progress {
 public:
  /// `what` names the work ("translating"), `unit` what is counted ("lines"); `total` 0: unknown.
  Progress(std::string what, std::string unit, std::size_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(std::size_t done);

 private:
  std::string describe() const;

  std::string what_;
  std::string unit_;
  std::size_t total_;
  std::size_t done_ = 0;
  Stopwatch watch_;
  double next_report_;
  bool on_terminal_;
};

/// Writes over the terminal's last line of standard error; nothing elsewhere. Log lines clear it.
void show_status(const std::string& text);
void clear_status();

}  // namespace heed
