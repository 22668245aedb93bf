#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <string>

#include "app/average/averaging.h"
#include "app/commands.h"
#include "app/errors.h"

namespace heed {
namespace {

struct AverageOptions {
  std::string run;
  std::string target;
  int last = 0;
  int best = 0;
};

void average(const AverageOptions& options) {
  if ((options.last > 0) == (options.best > 0))
    throw UsageError("give either --last or --best, and how many checkpoints to take");
  const auto models = options.last > 0 ? choose_checkpoints(options.run, AverageOf::kLast,
                                                            static_cast<std::size_t>(options.last))
                                       : choose_checkpoints(options.run, AverageOf::kBest,
                                                            static_cast<std::size_t>(options.best));
  average_models(models, options.target);
  std::string names;
  for (const auto& model : models)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", model.filename().string());
  spdlog::info("{}: the mean of {}; try heed translate --model {}", options.target, names,
               options.target);
}

}  // namespace

void add_average_command(CLI::App& root, CommandAction& action) {
  CLI::App* command = root.add_subcommand(
      "average", "Make a model of the mean of a run's checkpoints (Vaswani et al. 2017)");
  auto options = std::make_shared<AverageOptions>();
  command->add_option("run", options->run, "Run folder")->required()->type_name("DIR");
  command->add_option("target", options->target, "The folder to make")
      ->required()
      ->type_name("DIR");
  command->add_option("--last", options->last, "Take the last N validated checkpoints")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  command->add_option("--best", options->best, "Take the N checkpoints of the best dev scores")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  command->footer(
      "A run keeps as many checkpoints as training.keep_recent and training.keep_best say.");
  command->callback([options, &action] { action = [options] { average(*options); }; });
}

}  // namespace heed
