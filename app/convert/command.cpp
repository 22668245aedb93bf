#include <spdlog/spdlog.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <string>

#include "app/cli_options.h"
#include "app/commands.h"
#include "app/convert/conversion.h"

namespace heed {
namespace {

struct ConvertOptions {
  std::string source;
  std::string target;
  WeightPrecision precision = WeightPrecision::kInt8;
};

void convert(const ConvertOptions& options) {
  const ConversionReport report = convert_model(options.source, options.target, options.precision);
  spdlog::info("{}: weights of {:.1f} MB, {:.1f} MB before; try heed translate --model {}",
               options.target, static_cast<double>(report.bytes_after) * 1e-6,
               static_cast<double>(report.bytes_before) * 1e-6, options.target);
}

}  // namespace

void add_convert_command(CLI::App& root, CommandAction& action) {
  CLI::App* command = root.add_subcommand(
      "convert", "Copy a model with its weights in fewer bits, a quarter or half of the size");
  auto options = std::make_shared<ConvertOptions>();
  command->add_option("source", options->source, "Model or run folder")
      ->required()
      ->type_name("DIR");
  command->add_option("target", options->target, "The folder to make")
      ->required()
      ->type_name("DIR");
  add_choice(*command, "--precision", options->precision,
             {{"int8", WeightPrecision::kInt8},
              {"bf16", WeightPrecision::kBf16},
              {"fp32", WeightPrecision::kFp32}},
             "int8: bytes, with a scale for each row of a matrix; bf16: bfloat16; fp32: 32-bit "
             "floats again, which brings nothing back");
  command->callback([options, &action] { action = [options] { convert(*options); }; });
}

}  // namespace heed
