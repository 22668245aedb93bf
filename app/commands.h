#pragma once

#include <CLI/App.hpp>
#include <functional>

namespace heed {

/// What a parsed command line asks for; run by `main` after parsing succeeded.
using CommandAction = std::function<void()>;

struct TranslateOptions;

/// How translating is done, by what it takes (TranslateOptions::needs_network).
struct TranslateActions {
  std::function<void(const TranslateOptions&)> plain;
  std::function<void(const TranslateOptions&)> by_network;
};

// Each adds one subcommand to `root`; when it is the one given, its callback fills `action`.
void add_train_command(CLI::App& root, CommandAction& action);
void add_translate_command(CLI::App& root, CommandAction& action,
                           const TranslateActions& translate);
void add_align_command(CLI::App& root, CommandAction& action);
void add_symmetrize_command(CLI::App& root, CommandAction& action);
void add_score_command(CLI::App& root, CommandAction& action);
void add_evaluate_command(CLI::App& root, CommandAction& action);
void add_info_command(CLI::App& root, CommandAction& action);
void add_import_command(CLI::App& root, CommandAction& action);
void add_convert_command(CLI::App& root, CommandAction& action);
void add_average_command(CLI::App& root, CommandAction& action);
void add_check_command(CLI::App& root, CommandAction& action);
void add_make_corpus_command(CLI::App& root, CommandAction& action);
void add_benchmark_command(CLI::App& root, CommandAction& action);

}  // namespace heed
