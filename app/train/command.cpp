#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <memory>

#include "app/cli_options.h"
#include "app/commands.h"
#include "app/config/config_file.h"
#include "app/errors.h"
#include "app/interrupt.h"
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

/// The first process makes tokenizers and encoded text, the others read them.
TrainingData prepare_together(RunConfig& config, const RunFolder& folder, bool resume,
                              ProcessGroup& group) {
  if (!group.is_first()) {
    group.wait_for_all();
    return prepare_training_data(config, folder, /*resume=*/true);
  }
  TrainingData data = prepare_training_data(config, folder, resume);
  config.model.validate();
  write_file_atomically(folder.path() / kConfigFile, format_config(config));
  group.wait_for_all();
  return data;
}

void train(const TrainOptions& options) {
  RunConfig config = read_config(options.config, options.settings);
  const std::filesystem::path path =
      options.run.empty()
          ? std::filesystem::path("runs") / std::filesystem::path(options.config).stem()
          : std::filesystem::path(options.run);
  const RunFolder folder(path);
  if (folder.has_checkpoint() && !options.resume)
    throw UsageError(fmt::format(
        "{} holds a run already; add --resume to go on with it, or choose another folder by --run",
        path.string()));
  auto group = join_process_group(config.training.process_timeout);
  TrainingData data = prepare_together(config, folder, options.resume, *group);
  try {
    Trainer(std::move(config), folder, std::move(data), *group, options.resume).run();
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
  command->add_flag("--resume", options->resume, "Go on from the run's last checkpoint");
  command->footer(
      "mpirun or srun start it as several processes, which train one model together.\n"
      "Paths in the configuration are relative to the folder that heed is started in.\n"
      "Ctrl-C finishes the update, saves, and exits; --resume then goes on as if nothing had "
      "happened.");
  command->callback([options, &action] { action = [options] { train(*options); }; });
}

}  // namespace heed
