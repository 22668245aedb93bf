#pragma once

#include <CLI/App.hpp>
#include <functional>

namespace heed {

/// What a parsed command line asks for; run by `main` after parsing succeeded.
using CommandAction = std::function<void()>;

// Each adds one subcommand to `root`; when it is the one given, its callback fills `action`.
void add_train_command(CLI::App& root, CommandAction& action);
void add_translate_command(CLI::App& root, CommandAction& action);
void add_align_command(CLI::App& root, CommandAction& action);
void add_symmetrize_command(CLI::App& root, CommandAction& action);
void add_score_command(CLI::App& root, CommandAction& action);
void add_evaluate_command(CLI::App& root, CommandAction& action);
void add_info_command(CLI::App& root, CommandAction& action);
void add_import_command(CLI::App& root, CommandAction& action);
void add_make_corpus_command(CLI::App& root, CommandAction& action);
void add_benchmark_command(CLI::App& root, CommandAction& action);

}  // namespace heed
