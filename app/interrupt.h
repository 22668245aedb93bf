#pragma once

#include <stdexcept>
#include <string>

namespace heed {

/// The work was stopped by a signal and what was done is saved.
class Interrupted : public std::runtime_error {
 public:
  Interrupted(const std::string& message, int signal)
      : std::runtime_error(message), signal_(signal) {}
  int exit_code() const { return 128 + signal_; }

 private:
  int signal_;
};

/// While it lives, the first SIGINT, SIGTERM or SIGHUP only sets a flag, so that the work can come
/// to a good end; a second one does what it would have done before, as a rule end the process at
/// once. One guard at a time.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// The signal that came, 0 when none did.
  int signal() const;
};

/// Whether a signal came to the guard that lives, or to the last one.
bool interrupt_requested();

}  // namespace heed
