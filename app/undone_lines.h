#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "app/warning_limit.h"

namespace heed {

/// A longer line is no line of text, but a file without line feeds, or not text at all.
inline constexpr std::size_t kMostLineBytes = 4'000'000;

/// Attention compares every piece with every other: the longest text that is seen as a whole.
inline constexpr std::size_t kMostPieces = 10'000;

/// Lines that nothing could be done with. Each still gives its line of output, as a line that is
/// missing would cost all others; the end of the work tells that there were any.
class UndoneLines {
 public:
  /// What stands for such a line: "left empty".
  explicit UndoneLines(std::string substitute);

  /// Warns: `place` ("line 3", "stdin:3"), and why. From one thread at a time.
  void add(std::string_view place, std::string_view why);

  /// Throws std::runtime_error if there were any. To be called when all output is in its place.
  void report() const;

 private:
  std::string substitute_;
  WarningLimit warnings_;
};

}  // namespace heed
