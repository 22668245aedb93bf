#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <memory>
#include <optional>
#include <utility>

#include "app/cli_options.h"
#include "app/commands.h"
#include "app/config/config_file.h"
#include "app/errors.h"
#include "app/interrupt.h"
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

void train(const TrainOptions& options) {
  RunConfig config = read_config(options.config, options.settings);
  const RunFolder folder(options.run.empty() ? std::filesystem::path("runs") /
                                                   std::filesystem::path(options.config).stem()
                                             : std::filesystem::path(options.run));
  auto group = join_process_group(config.training.process_timeout);
  std::optional<RunLock> lock;
  if (group->is_first()) lock.emplace(folder.path());
  const std::optional<Checkpoint> start = find_start(folder, config, options.resume, *group);
  TrainingData data = prepare_together(config, folder, start, options.resume, *group);
  try {
    Trainer(std::move(config), folder, std::move(data), *group, start).run();
  } catch (const Interrupted&) {
    group.reset();  // leaves in good order, which an exception on its way would look unlike
    throw;
  }
}

}  // namespace

void add_train_command(CLI::App& root, CommandAction& action) {
  CLI::App* command = root.add_subcommand("train", "Train a model on parallel text");
  auto options = std::make_shared<TrainOptions>();
  add_config_options(*command, options->config, options->settings,
                     "TOML file; heed info --config lists every key");
  command
      ->add_option("--run", options->run, "Folder of the run; default runs/ and the config's name")
      ->type_name("DIR");
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
