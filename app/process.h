#pragma once

namespace heed {

/// Exit status of a program whose reader went away, as if SIGPIPE had ended it.
inline constexpr int kReaderGone = 141;

/// How both programs meet the system, to be called once at their start:
/// - A write to a pipe that nobody reads, or beyond the permitted size of a file, fails with an
/// error
///   instead of ending the process.
/// - SIGINT, SIGTERM and SIGHUP, unless ignored, remove unfinished files ahead of ending it.
/// - std::cout throws WriteError at the write that fails.
void set_up_process();

}  // namespace heed
