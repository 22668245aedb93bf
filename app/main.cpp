#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "app/command_line.h"
#include "app/network_program.h"
#include "app/process.h"
#include "app/translate/translation_run.h"

namespace heed {
namespace {

/// Starting LibTorch takes 0.15 s and 80 MB: what needs nothing of it is done here, all else, help
/// and complaints included, by the program that has it.
int run(int argc, char** argv) {
  const auto add_commands = [argv](CLI::App& root, CommandAction& action) {
    add_translate_command(root, action,
                          {.plain = translate_plain, .by_network = [argv](const TranslateOptions&) {
                             become_network_program(argv);
                           }});
    add_symmetrize_command(root, action);
    add_evaluate_command(root, action);
    add_convert_command(root, action);
    add_check_command(root, action);
    add_make_corpus_command(root, action);
  };
  CommandLine command_line({.add_commands = add_commands});
  try {
    command_line.parse(argc, argv);
  } catch (const std::exception&) {
    become_network_program(argv);
  }
  return command_line.run();
}

}  // namespace
}  // namespace heed

int main(int argc, char** argv) {
  heed::set_up_process();
  try {
    return heed::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "heed: {}\n", error.what());
    return 1;
  }
}
