#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "app/align/link_source.h"
#include "app/commands.h"
#include "app/config/config_file.h"
#include "app/errors.h"
#include "app/model_bundle.h"
#include "app/progress.h"
#include "app/train/training_state.h"

namespace heed {
namespace {

struct InfoOptions {
  std::string model;
  bool config = false;
  bool parameters = false;
};

void print_summary(const ModelBundle& bundle) {
  const TransformerConfig& model = bundle.config.model;
  const DataConfig& data = bundle.config.data;
  const auto print = [](const char* what, const std::string& value) {
    std::cout << fmt::format("{:<13}{}\n", what, value);
  };
  print("model", bundle.folder.string());
  if (!data.src_lang.empty())
    print("languages", fmt::format("{} to {}{}", data.src_lang, data.tgt_lang,
                                   data.bidirectional ? ", and back with --reverse" : ""));
  else if (data.bidirectional)
    print("languages", "both directions, the second with --reverse");
  print("shape", fmt::format("{} encoder and {} decoder layers, {} heads, d_model {}, ffn {}",
                             model.encoder_layers, model.decoder_layers, model.num_heads,
                             model.d_model, model.ffn_size));
  print("parameters", fmt::format("{}", bundle.model->layout().num_parameters()));
  print("vocabulary",
        bundle.tokenizers.joint()
            ? fmt::format("{} pieces, joint", bundle.tokenizers.src.vocab_size())
            : fmt::format("{} source and {} target pieces", bundle.tokenizers.src.vocab_size(),
                          bundle.tokenizers.tgt.vocab_size()));
  if (const auto tags = bundle.tokenizers.src.language_tags(); !tags.empty())
    print("tags", fmt::format("begin each source line with one of: {}", fmt::join(tags, " ")));
  if (model.alignment_head)
    print("links", fmt::format("alignment head, guided by {}; of a probability of at least {:.3f}",
                               bundle.config.alignment.guide, bundle.config.alignment.threshold));
  if (const AlignmentConfig& alignment = bundle.config.alignment; alignment.agreement > 0.0)
    print("attention",
          fmt::format("{}; {} {:.1f} %", describe_reading(alignment.forward, model),
                      data.bidirectional ? fmt::format("back: {}; their links agree",
                                                       describe_reading(alignment.reverse, model))
                                         : "its links agree with those of the alignment head by",
                      100 * alignment.agreement));
  if (!std::filesystem::exists(bundle.folder / "training.json")) return;
  const TrainingState state = TrainingState::load(bundle.folder / "training.json");
  print("training", fmt::format("{} updates, {} target pieces, {}", state.update, state.tgt_tokens,
                                format_duration(state.seconds)));
  if (state.best_update > 0)
    print("best", fmt::format("{:.2f} at update {}", state.best_score, state.best_update));
}

void print_parameters(const ModelBundle& bundle) {
  for (const ParameterSpec& spec : bundle.model->layout().specs())
    std::cout << fmt::format("{:<60} [{}]\n", spec.name, fmt::join(spec.shape, ", "));
}

void info(const InfoOptions& options) {
  if (options.model.empty()) {
    if (!options.config)
      throw UsageError("info: give a model or run folder, or --config for all keys");
    std::cout << format_config(RunConfig{});
    return;
  }
  const ModelBundle bundle = ModelBundle::load(options.model);
  if (options.config)
    std::cout << format_config(bundle.config);
  else if (options.parameters)
    print_parameters(bundle);
  else
    print_summary(bundle);
}

}  // namespace

void add_info_command(CLI::App& root, CommandAction& action) {
  CLI::App* command = root.add_subcommand("info", "Describe a model, or every configuration key");
  auto options = std::make_shared<InfoOptions>();
  command->add_option("model,-m,--model", options->model, "Model or run folder")->type_name("DIR");
  command->add_flag("--config", options->config,
                    "Print the model's configuration; without a model, every key with its default");
  command->add_flag("--parameters", options->parameters, "List the parameters with their shapes");
  command->callback([options, &action] { action = [options] { info(*options); }; });
}

}  // namespace heed
