#pragma once

#include <string>

namespace heed {

/// Sends spdlog's default logger to standard error, plain in a pipe, coloured on a terminal,
/// clearing a status line ahead of each message. `level`: debug, info, warn, error or off.
void set_up_logging(const std::string& level);

}  // namespace heed
