#include <memory>

#include "app/commands.h"
#include "app/translate/translate_options.h"

namespace heed {

void add_translate_command(CLI::App& root, CommandAction& action,
                           const TranslateActions& translate) {
  CLI::App* command = root.add_subcommand(
      "translate", "Translate text line by line, from a file, a pipe or a prompt");
  auto options = std::make_shared<TranslateOptions>();
  options->add_to(*command);
  command->footer(
      "One line out for each line in (--n-best N: N), in their order; an empty line stays empty. "
      "Only a line feed ends a line; the output has spaces for all else that might. A line of more "
      "than 4,000,000 bytes, or without memory for it, is left empty, with a warning, and the exit "
      "status is 1.");
  command->callback([options, &action, translate] {
    options->check();
    const auto& run = options->needs_network() ? translate.by_network : translate.plain;
    action = [options, run] { run(*options); };
  });
}

}  // namespace heed
