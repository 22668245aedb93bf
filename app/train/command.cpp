#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <memory>

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
  if (!group->is_first()) spdlog::set_level(spdlog::level::warn);
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
  command->add_option("config", options->config, "TOML file; heed info --config lists every key")
      ->required()
      ->type_name("CONFIG.toml");
  command
      ->add_option("--set", options->settings, "Override a key: section.key=value; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command
      ->add_option("--run", options->run, "Folder of the run; default runs/ and the config's name")
      ->type_name("DIR");
  const auto set_device = [options = options.get()](const std::string& name) {
    options->settings.push_back("training.device=" + name);
  };
  command->add_option_function<std::string>("--device", set_device, "Override training.device")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}))
      ->default_str("the configuration's");
  const auto set_precision = [options = options.get()](const std::string& name) {
    options->settings.push_back("training.precision=" + name);
  };
  command
      ->add_option_function<std::string>("--precision", set_precision,
                                         "Override training.precision")
      ->check(CLI::IsMember({"auto", "fp32", "bf16"}))
      ->default_str("the configuration's");
  command->add_flag("--resume", options->resume, "Go on from the run's last checkpoint");
  command->footer(
      "mpirun or srun start it as several processes, which train one model together.\n"
      "Paths in the configuration are relative to the folder that heed is started in.\n"
      "Ctrl-C finishes the update, saves, and exits; --resume then goes on as if nothing had "
      "happened.");
  command->callback([options, &action] { action = [options] { train(*options); }; });
}

}  // namespace heed
