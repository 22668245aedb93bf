#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "app/benchmark/benchmarks.h"
#include "app/cli_options.h"
#include "app/commands.h"

namespace heed {
namespace {

void add_training(CLI::App& benchmark, CommandAction& action) {
  CLI::App* command = benchmark.add_subcommand(
      "train", "Train by a configuration without validating or saving, and print how fast");
  auto options = std::make_shared<TrainBenchmarkOptions>();
  add_config_options(*command, options->config, options->settings,
                     "TOML file as heed train takes it");
  command->add_option("--windows", options->windows, "Rates are the median of so many windows")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--updates", options->updates, "Updates in a window")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(
      "Tokens are those of the target side, end of sentence counted, padding not. The peak is\n"
      "what all threads together reach on large matrix products right after training.\n"
      "Under mpirun or srun the figures are those of all processes, phases those of the first.");
  command->callback([options, &action] { action = [options] { benchmark_training(*options); }; });
}

void add_translation(CLI::App& benchmark, CommandAction& action) {
  CLI::App* command =
      benchmark.add_subcommand("translate", "Translate a file several times and print how fast");
  auto options = std::make_shared<TranslateBenchmarkOptions>();
  command->add_option("input", options->input, "File to translate, plain or gzip")
      ->required()
      ->type_name("FILE");
  command->add_option("-b,--beam-size", options->beam_size, "Hypotheses kept; 1 is greedy search")
      ->check(CLI::Range(1, 1000))
      ->default_str("the model's");
  command->add_option("--windows", options->windows, "Passes over the file; rates are the median")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_flag("--json", options->json, "One JSON object");
  options->model.add_to(*command);
  options->precision.add_to(*command);
  command->callback(
      [options, &action] { action = [options] { benchmark_translation(*options); }; });
}

}  // namespace

void add_benchmark_command(CLI::App& root, CommandAction& action) {
  CLI::App* command =
      root.add_subcommand("benchmark", "Measure the speed of training or translation");
  command->require_subcommand(1);
  add_training(*command, action);
  add_translation(*command, action);
}

}  // namespace heed
