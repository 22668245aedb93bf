#include <ATen/Parallel.h>
#include <c10/util/Exception.h>

#include <exception>
#include <string>

#include "app/command_line.h"
#include "app/process.h"
#include "app/translate/translation_run.h"
#include "app/version_text.h"

namespace heed {
namespace {

void add_commands(CLI::App& root, CommandAction& action) {
  add_train_command(root, action);
  add_translate_command(root, action,
                        {.plain = translate_plain, .by_network = translate_by_network});
  add_align_command(root, action);
  add_symmetrize_command(root, action);
  add_score_command(root, action);
  add_evaluate_command(root, action);
  add_info_command(root, action);
  add_import_command(root, action);
  add_convert_command(root, action);
  add_average_command(root, action);
  add_check_command(root, action);
  add_make_corpus_command(root, action);
  add_benchmark_command(root, action);
}

std::string message_of(const std::exception& error) {
  const auto* of_torch = dynamic_cast<const c10::Error*>(&error);
  return of_torch == nullptr ? error.what() : of_torch->what_without_backtrace();
}

}  // namespace
}  // namespace heed

int main(int argc, char** argv) {
  heed::set_up_process();
  // heed is parallel over sentences, one thread a core; a thread never splits one operation.
  at::set_num_threads(1);
  heed::CommandLine command_line({heed::add_commands, heed::version_text, heed::message_of});
  return command_line.run(argc, argv);
}
