#pragma once

#include <CLI/App.hpp>
#include <exception>
#include <functional>
#include <string>

#include "app/commands.h"

namespace heed {

/// What the programs of heed's differ in.
struct Program {
  std::function<void(CLI::App& root, CommandAction& action)> add_commands;
  std::function<std::string()> version = [] { return ""; };
  /// What the user is told of a failure.
  std::function<std::string(const std::exception&)> message_of = [](const std::exception& error) {
    return error.what();
  };
};

/// heed's command line: options of all commands, and the commands of one program.
class CommandLine {
 public:
  explicit CommandLine(Program program);
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  /// Throws CLI::ParseError (also where help is asked for) and UsageError.
  void parse(int argc, char** argv);
  /// Parses, does what the command line says, and reports what goes wrong. Returns the exit status.
  int run(int argc, char** argv);
  /// The same of what is parsed.
  int run();

 private:
  void act();
  int report_failures(const std::function<void()>& body);
  void check_command(int argc, char** argv) const;

  Program program_;
  CLI::App root_;
  std::string log_level_ = "info";
  CommandAction action_;
};

}  // namespace heed
