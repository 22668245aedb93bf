#include <ATen/Parallel.h>
#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdio>

#include "app/commands.h"
#include "app/errors.h"
#include "app/interrupt.h"
#include "app/logging.h"
#include "app/version_text.h"
#include "data/nearest.h"

namespace heed {
namespace {

constexpr int kFailure = 1;
constexpr int kWrongUsage = 2;

void add_commands(CLI::App& root, CommandAction& action) {
  add_train_command(root, action);
  add_translate_command(root, action);
  add_align_command(root, action);
  add_symmetrize_command(root, action);
  add_score_command(root, action);
  add_evaluate_command(root, action);
  add_info_command(root, action);
  add_import_command(root, action);
  add_make_corpus_command(root, action);
  add_benchmark_command(root, action);
}

/// CLI11 would only say that a command is required.
void check_command(const CLI::App& root, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  std::vector<std::string> names;
  for (const CLI::App* command : root.get_subcommands({})) names.push_back(command->get_name());
  if (std::find(names.begin(), names.end(), argv[1]) != names.end()) return;
  throw UsageError(fmt::format("no command '{}'; did you mean {}? There are: {}", argv[1],
                               nearest(argv[1], names), fmt::join(names, ", ")));
}

int run(int argc, char** argv) {
  CLI::App root(
      "heed trains a small Transformer on parallel text, translates with it, and shows "
      "where it looked.");
  root.set_version_flag("--version", version_text, "Show versions, device and kernels, then exit");
  std::string log_level = "info";
  root.add_option("--log-level", log_level, "What to log on standard error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
  root.require_subcommand(1);
  root.fallthrough();
  CommandAction action;
  add_commands(root, action);
  try {
    check_command(root, argc, argv);
    root.parse(argc, argv);
    set_up_logging(log_level);
    action();
  } catch (const CLI::ParseError& error) {
    return root.exit(error) == 0 ? 0 : kWrongUsage;
  } catch (const UsageError& error) {
    fmt::print(stderr, "heed: {}\n", error.what());
    return kWrongUsage;
  } catch (const Interrupted& interrupted) {
    fmt::print(stderr, "heed: {}\n", interrupted.what());
    return interrupted.exit_code();
  } catch (const c10::Error& error) {
    fmt::print(stderr, "heed: {}\n", error.what_without_backtrace());
    return kFailure;
  } catch (const std::exception& error) {
    fmt::print(stderr, "heed: {}\n", error.what());
    return kFailure;
  }
  return 0;
}

}  // namespace
}  // namespace heed

int main(int argc, char** argv) {
  // heed is parallel over sentences, one thread a core; a thread never splits one operation.
  at::set_num_threads(1);
  return heed::run(argc, argv);
}
