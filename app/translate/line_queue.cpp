#include "app/translate/line_queue.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace heed {
namespace {

constexpr std::chrono::microseconds kPause{500};

}  // namespace

struct LineQueue::State {
  State(LineReader of_lines, std::size_t most_lines)
      : reader(std::move(of_lines)), capacity(most_lines) {}

  LineReader reader;
  std::size_t capacity;
  std::mutex mutex = {};
  std::condition_variable changed = {};
  std::deque<std::string> lines = {};
  std::size_t bytes = 0;  // of the lines
  bool ended = false;
  bool abandoned = false;
  std::exception_ptr failure = {};

  bool has_room() const { return lines.size() < capacity && bytes < kBytesAtOnce; }
  bool has_news() const { return ended || !lines.empty(); }
};

LineQueue::LineQueue(LineReader reader, std::size_t capacity)
    : state_(std::make_shared<State>(std::move(reader), capacity)) {
  // Detached, with a share of the state: nobody can wake a thread that waits for a terminal.
  std::thread([state = state_] { read(state); }).detach();
}

LineQueue::~LineQueue() {
  const std::lock_guard lock(state_->mutex);
  state_->abandoned = true;
  state_->changed.notify_all();
}

void LineQueue::read(const std::shared_ptr<State>& state) {
  std::exception_ptr failure;
  try {
    std::string line;
    while (state->reader.next(line)) {
      std::unique_lock lock(state->mutex);
      state->changed.wait(lock, [&] { return state->abandoned || state->has_room(); });
      if (state->abandoned) return;
      state->bytes += line.size();
      state->lines.push_back(std::move(line));
      state->changed.notify_all();
    }
  } catch (...) {
    failure = std::current_exception();
  }
  const std::lock_guard lock(state->mutex);
  state->failure = failure;
  state->ended = true;
  state->changed.notify_all();
}

std::vector<std::string> LineQueue::take(std::size_t max_lines) {
  State& state = *state_;
  std::unique_lock lock(state.mutex);
  state.changed.wait(lock, [&] { return state.has_news(); });
  std::vector<std::string> block;
  std::size_t bytes = 0;
  while (block.size() < max_lines && bytes < kBytesAtOnce) {
    if (!state.changed.wait_for(lock, kPause, [&] { return state.has_news(); })) break;
    if (state.lines.empty()) break;
    bytes += state.lines.front().size();
    state.bytes -= state.lines.front().size();
    block.push_back(std::move(state.lines.front()));
    state.lines.pop_front();
    state.changed.notify_all();
  }
  if (block.empty() && state.failure) std::rethrow_exception(std::exchange(state.failure, nullptr));
  return block;
}

}  // namespace heed
