#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "app/commands.h"
#include "app/import/marian_import.h"

namespace heed {
namespace {

struct ImportOptions {
  std::string source;
  std::string target;
};

void import_model(const ImportOptions& options) {
  const ImportReport report = import_marian(options.source, options.target);
  if (report.unnamed_rows > 0)
    spdlog::warn("{} embeddings belong to no piece of the vocabulary; they are kept as <id N>",
                 report.unnamed_rows);
  const DataConfig& data = report.config.data;
  spdlog::info(
      "{}: a model{} of {} parameters; try heed translate --model {}", options.target,
      data.src_lang.empty() ? "" : fmt::format(" from {} to {}", data.src_lang, data.tgt_lang),
      report.parameters, options.target);
}

}  // namespace

void add_import_command(CLI::App& root, CommandAction& action) {
  CLI::App* command = root.add_subcommand(
      "import", "Make a heed model of a Hugging Face MarianMTModel, as the OPUS-MT models are");
  auto options = std::make_shared<ImportOptions>();
  command
      ->add_option("source", options->source,
                   "Its folder: config.json, model.safetensors, vocab.json, source.spm, target.spm")
      ->required()
      ->type_name("DIR");
  command->add_option("target", options->target, "The folder to make")
      ->required()
      ->type_name("DIR");
  command->callback([options, &action] { action = [options] { import_model(*options); }; });
}

}  // namespace heed
