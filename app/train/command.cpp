#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "app/cli_options.h"
#include "app/commands.h"
#include "app/config/config_file.h"
#include "app/errors.h"
#include "app/interrupt.h"
#include "app/progress.h"
#include "app/train/corpus_defaults.h"
#include "app/train/run_lock.h"
#include "app/train/trainer.h"
#include "data/atomic_file.h"

namespace heed {
namespace {

struct TrainOptions {
  std::string config;
  std::vector<std::string> settings;
  std::string run;
  bool resume = false;
};

/// Throws unless the run goes on with the configuration it was begun with, or is told to change.
void check_configuration(const RunFolder& folder, const Checkpoint& checkpoint,
                         const RunConfig& config) {
  const auto changes = find_changes(read_config(checkpoint.folder / kConfigFile), config);
  if (changes.empty()) return;
  throw UsageError(
      fmt::format("{} holds a run with another configuration ({}); add --resume to go on with the "
                  "new one, or choose another folder by --run",
                  folder.path().string(), fmt::join(changes, "; ")));
}

void check_text(const RunFolder& folder, const Checkpoint& checkpoint, const TrainingData& data,
                bool resume) {
  if (checkpoint.state.text_hash == data.text_hash) return;
  if (!resume)
    throw UsageError(
        fmt::format("{} holds a run on other text: the training or the dev text has changed since; "
                    "add --resume to go on all the same, or choose another folder by --run",
                    folder.path().string()));
  spdlog::warn("the training or the dev text has changed since the run began");
}

/// The checkpoint to go on from, the same for all processes.
std::optional<Checkpoint> find_start(const RunFolder& folder, const RunConfig& config, bool resume,
                                     ProcessGroup& group) {
  std::optional<Checkpoint> start;
  if (group.is_first()) {
    folder.sweep();
    start = folder.find_checkpoint();
    if (start && !resume) check_configuration(folder, *start, config);
  }
  return share_checkpoint(std::move(start), folder, group);
}

/// The first process makes tokenizers and encoded text, the others read them.
TrainingData prepare_together(RunConfig& config, const RunFolder& folder,
                              const std::optional<Checkpoint>& start, bool resume,
                              ProcessGroup& group) {
  const std::filesystem::path former = start ? start->folder : std::filesystem::path();
  if (!group.is_first()) {
    group.wait_for_all();
    return prepare_training_data(config, folder, start ? former : folder.path());
  }
  TrainingData data = prepare_training_data(config, folder, former);
  config.model.validate();
  if (start) check_text(folder, *start, data, resume);
  write_file_atomically(folder.path() / kConfigFile, format_config(config));
  group.wait_for_all();
  return data;
}

/// Where no file describes the model, what nobody has given is chosen by the size of the text.
RunConfig complete(GivenConfig config) {
  if (config.file_describes_model) return std::move(config.config);
  check_training_text(config.config.data);
  for (const ChosenSettings& chosen : choose_settings(measure_corpus(config.config.data)))
    if (const auto used = fill_in(config, chosen.settings); !used.empty())
      spdlog::info("chosen: {} ({})", fmt::join(used, ", "), chosen.reason);
  return std::move(config.config);
}

std::filesystem::path run_path(const TrainOptions& options) {
  if (!options.run.empty()) return options.run;
  const std::filesystem::path runs("runs");
  return runs / (options.config.empty() ? std::filesystem::path("model")
                                        : std::filesystem::path(options.config).stem());
}

void train(const TrainOptions& options) {
  const Stopwatch preparation;
  RunConfig config = complete(read_given_config(options.config, options.settings));
  const RunFolder folder(run_path(options));
  auto group = join_process_group(config.training.process_timeout);
  std::optional<RunLock> lock;
  if (group->is_first()) lock.emplace(folder.path());
  const std::optional<Checkpoint> start = find_start(folder, config, options.resume, *group);
  TrainingData data = prepare_together(config, folder, start, options.resume, *group);
  try {
    data.seconds = preparation.seconds();
    Trainer(std::move(config), folder, std::move(data), *group, start).run();
  } catch (const Interrupted&) {
    group.reset();  // leaves in good order, which an exception on its way would look unlike
    throw;
  }
}

/// What names text as the configuration's [data] does.
void add_text_options(CLI::App& command, std::vector<std::string>& settings) {
  const std::vector<std::pair<const char*, const char*>> options{
      {"train-src", "Source side of the training text"},
      {"train-tgt", "Target side, line by line its translation"},
      {"dev-src", "Source side of the text to validate on"},
      {"dev-tgt", "Its translation"}};
  for (const auto& [name, help] : options) {
    std::string key = fmt::format("data.{}", name);
    std::replace(key.begin(), key.end(), '-', '_');
    command
        .add_option_function<std::string>(
            fmt::format("--{}", name),
            [&settings, key](const std::string& path) {
              settings.push_back(key + "=" + toml_string(path));
            },
            fmt::format("{}; {}", help, key))
        ->type_name("FILE");
  }
}

}  // namespace

void add_train_command(CLI::App& root, CommandAction& action) {
  CLI::App* command = root.add_subcommand("train", "Train a model on parallel text");
  auto options = std::make_shared<TrainOptions>();
  add_config_options(*command, options->config, options->settings,
                     "TOML file; heed info --config lists every key. What of vocabulary, model, "
                     "regularization and schedule nobody has given is chosen by the size of the "
                     "text, unless the file has a [model] section",
                     /*is_required=*/false);
  command
      ->add_option("--run", options->run,
                   "Folder of the run; default runs/ and the config's name, without one runs/model")
      ->type_name("DIR");
  add_text_options(*command, options->settings);
  command
      ->add_option_function<double>(
          "--time-budget",
          [settings = &options->settings](double minutes) {
            settings->push_back(fmt::format("training.max_minutes={}", minutes));
          },
          "End within that time, the learning rate planned for it: 45m, 2h, 1.5h; "
          "training.max_minutes")
      ->transform(CLI::AsNumberWithUnit(
          std::map<std::string, double>{{"s", 1.0 / 60.0}, {"m", 1.0}, {"h", 60.0}},
          CLI::AsNumberWithUnit::UNIT_REQUIRED))
      ->type_name("TIME");
  const auto add_override = [command, settings = &options->settings](
                                const std::string& key, const std::vector<std::string>& values) {
    const auto set = [settings, key](const std::string& value) {
      settings->push_back("training." + key + "=" + value);
    };
    command->add_option_function<std::string>("--" + key, set, "Override training." + key)
        ->check(CLI::IsMember(values))
        ->default_str("the configuration's");
  };
  command
      ->add_option_function<std::string>(
          "--guided-alignment",
          [settings = &options->settings](const std::string& guide) {
            settings->push_back("alignment.guide=" + guide);
          },
          "Also train an output of word links: by `hmm`, heed's own statistics of the training "
          "text, or by a file with a line of links (i-j, or i-j:p) for each line of it")
      ->type_name("hmm|FILE");
  command->add_flag_callback(
      "--bidirectional",
      [settings = &options->settings] {
        settings->insert(settings->end(), {"data.bidirectional=true", "tokenizer.joint=true"});
      },
      "Train both directions in one model, with one vocabulary: heed translate --reverse then "
      "translates back, and heed align reads attention both ways");
  add_override("device", {"auto", "cpu", "cuda"});
  add_override("precision", {"auto", "fp32", "bf16"});
  command->add_flag("--resume", options->resume,
                    "Go on with a run although its configuration or its text has changed");
  command->footer(
      "mpirun or srun start it as several processes, which train one model together.\n"
      "Paths in the configuration are relative to the folder that heed is started in.\n"
      "Ctrl-C or SIGTERM finishes the update, saves, and exits; a second one exits at once.\n"
      "The same command goes on with a run that was interrupted, killed or cut off, from its last\n"
      "checkpoint, and comes to the same bits as if nothing had happened.");
  command->callback([options, &action] { action = [options] { train(*options); }; });
}

}  // namespace heed
