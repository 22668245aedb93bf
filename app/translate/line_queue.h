#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "data/text_io.h"

namespace heed {

/// Reads lines ahead in a thread of its own, so that work goes on while input still comes.
class LineQueue {
 public:
  static constexpr std::size_t kBytesAtOnce = 1'000'000;

  /// At most `capacity` lines are held, and of long ones what makes about kBytesAtOnce.
  LineQueue(LineReader reader, std::size_t capacity);
  /// Does not wait for a reader that waits for input.
  ~LineQueue();
  LineQueue(const LineQueue&) = delete;
  LineQueue& operator=(const LineQueue&) = delete;

  /// Waits for a line, then takes it and what follows it, up to `max_lines` or about kBytesAtOnce;
  /// input that pauses for
  /// longer than a moment ends the block early, so that a slow writer is answered line by line.
  /// Empty at the end of the input. Rethrows what the reader threw, after the lines before it.
  std::vector<std::string> take(std::size_t max_lines);

 private:
  struct State;
  static void read(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;
};

}  // namespace heed
