#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace heed {

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

inline void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// What a run of the program under test gave.
struct ProgramResult {
  int exit_code = -1;  // 128 + n when ended by signal n
  std::string out;
  std::string err;
};

inline std::string shell_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

/// Runs `program` in `folder`, with `input` on its standard input.
inline ProgramResult run_program(const std::filesystem::path& program,
                                 const std::filesystem::path& folder,
                                 const std::vector<std::string>& arguments,
                                 const std::string& input = "", const std::string& prefix = "") {
  write_file(folder / "stdin", input);
  std::string command = fmt::format("cd {} && {} {}", shell_quoted(folder.string()), prefix,
                                    shell_quoted(program.string()));
  for (const std::string& argument : arguments) command += " " + shell_quoted(argument);
  const int status = std::system((command + " <stdin >stdout 2>stderr").c_str());
  ProgramResult result;
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = read_file(folder / "stdout");
  result.err = read_file(folder / "stderr");
  return result;
}

/// The same of the program under test.
inline ProgramResult run_heed(const std::filesystem::path& folder,
                              const std::vector<std::string>& arguments,
                              const std::string& input = "", const std::string& prefix = "") {
  return run_program(HEED_BINARY, folder, arguments, input, prefix);
}

/// As `run_heed`, failing the test unless the program succeeds.
inline std::string run_heed_well(const std::filesystem::path& folder,
                                 const std::vector<std::string>& arguments,
                                 const std::string& input = "") {
  const ProgramResult result = run_heed(folder, arguments, input);
  EXPECT_EQ(result.exit_code, 0) << fmt::format("heed {}\n", fmt::join(arguments, " "))
                                 << result.err;
  return result.out;
}

}  // namespace heed
