#include "app/command_line.h"

#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <iostream>
#include <new>
#include <utility>
#include <vector>

#include "app/errors.h"
#include "app/interrupt.h"
#include "app/logging.h"
#include "app/process.h"
#include "data/descriptor_buffer.h"
#include "data/nearest.h"

namespace heed {
namespace {

constexpr int kFailure = 1;
constexpr int kWrongUsage = 2;

}  // namespace

CommandLine::CommandLine(Program program)
    : program_(std::move(program)),
      root_(
          "heed trains a small Transformer on parallel text, translates with it, and shows "
          "where it looked.") {
  root_.set_version_flag("--version", program_.version,
                         "Show versions, device and kernels, then exit");
  root_.add_option("--log-level", log_level_, "What to log on standard error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
  root_.require_subcommand(1);
  root_.fallthrough();
  program_.add_commands(root_, action_);
}

/// CLI11 would only say that a command is required.
void CommandLine::check_command(int argc, char** argv) const {
  if (argc < 2 || argv[1][0] == '-') return;
  std::vector<std::string> names;
  for (const CLI::App* command : root_.get_subcommands({})) names.push_back(command->get_name());
  if (std::find(names.begin(), names.end(), argv[1]) != names.end()) return;
  throw UsageError(fmt::format("no command '{}'; did you mean {}? There are: {}", argv[1],
                               nearest(argv[1], names), fmt::join(names, ", ")));
}

void CommandLine::parse(int argc, char** argv) {
  check_command(argc, argv);
  root_.parse(argc, argv);
}

int CommandLine::run(int argc, char** argv) {
  return report_failures([&] {
    parse(argc, argv);
    act();
  });
}

int CommandLine::run() {
  return report_failures([&] { act(); });
}

void CommandLine::act() {
  set_up_logging(log_level_);
  action_();
}

int CommandLine::report_failures(const std::function<void()>& body) {
  try {
    int status = 0;
    try {
      body();
    } catch (const CLI::ParseError& error) {
      status = root_.exit(error) == 0 ? 0 : kWrongUsage;
    }
    std::cout.flush();
    if (std::fflush(stdout) != 0) throw WriteError("standard output", errno);
    return status;
  } catch (const WriteError& error) {
    if (error.code() == EPIPE) return kReaderGone;  // which is no news to whoever closed it
    fmt::print(stderr, "heed: {}\n", error.what());
    return kFailure;
  } catch (const UsageError& error) {
    fmt::print(stderr, "heed: {}\n", error.what());
    return kWrongUsage;
  } catch (const Interrupted& interrupted) {
    fmt::print(stderr, "heed: {}\n", interrupted.what());
    return interrupted.exit_code();
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "heed: not enough memory\n");
    return kFailure;
  } catch (const std::exception& error) {
    fmt::print(stderr, "heed: {}\n", program_.message_of(error));
    return kFailure;
  }
}

}  // namespace heed
