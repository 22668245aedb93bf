#include "app/interrupt.h"

#include <array>
#include <atomic>
#include <csignal>

namespace heed {
namespace {

constexpr std::array<int, 3> kSignals{SIGINT, SIGTERM, SIGHUP};

std::atomic<int> received_signal = 0;
static_assert(std::atomic<int>::is_always_lock_free);  // so a handler may change it
std::array<struct sigaction, kSignals.size()> former{};

void restore_former() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &former[i], nullptr);
}

void on_signal(int signal) {
  const bool is_second = received_signal.exchange(signal) != 0;
  restore_former();
  // Two at once are given to two threads; the second is then on its way here already.
  if (is_second) ::raise(signal);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  received_signal = 0;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (const int signal : kSignals) sigaddset(&action.sa_mask, signal);  // one after another
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], nullptr, &former[i]);
    // A run outlives its terminal where it was started by nohup.
    const bool is_ignored = former[i].sa_handler == SIG_IGN;
    if (is_ignored && kSignals[i] == SIGHUP) continue;
    ::sigaction(kSignals[i], &action, nullptr);
    if (is_ignored) former[i].sa_handler = SIG_DFL;  // as shells start what is in the background
  }
}

InterruptGuard::~InterruptGuard() {
  restore_former();
}

int InterruptGuard::signal() const {
  return received_signal;
}

bool interrupt_requested() {
  return received_signal != 0;
}

}  // namespace heed
