#include "app/model_options.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/cli_options.h"
#include "app/errors.h"

namespace heed {

void ModelOptions::add_to(CLI::App& command, bool is_required) {
  command.add_option("-m,--model", models, "Model or run folder; of a run its best model is taken")
      ->required(is_required)
      ->allow_extra_args(false)
      ->type_name("DIR")
      ->group("Model");
  command
      .add_option("--threads", threads, "Sentences are spread over so many threads; 0: one a core")
      ->capture_default_str()
      ->group("Model");
  add_choice(command, "--device", device,
             {{"auto", Device::kAuto}, {"cpu", Device::kCpu}, {"cuda", Device::kCuda}},
             "auto takes a GPU where this build and the machine have one")
      ->group("Model");
  command
      .add_option("--batch-tokens", batch_tokens, "Size of a batch: sentences times the longest")
      ->check(CLI::PositiveNumber)
      ->default_str("512 to translate on a CPU, else 2048")
      ->group("Model");
  command
      .add_flag("--reverse", reverse,
                "Of a model of both directions (heed train --bidirectional): from its target "
                "language to its source language")
      ->group("Model");
}

const std::string& ModelOptions::path() const {
  if (models.empty()) throw UsageError("which model? --model DIR is required");
  if (models.size() > 1)
    throw UsageError("--model is given " + std::to_string(models.size()) +
                     " times; only heed translate takes several");
  return models.front();
}

void PrecisionOption::add_to(CLI::App& command) {
  const Choices<std::optional<WeightPrecision>> choices{{"auto", std::nullopt},
                                                        {"fp32", WeightPrecision::kFp32},
                                                        {"bf16", WeightPrecision::kBf16},
                                                        {"int8", WeightPrecision::kInt8}};
  add_choice(
      command, "--precision", precision, choices,
      "What weights are multiplied in on a CPU; auto takes the fastest that the processor has "
      "instructions for")
      ->group("Model");
}

void LinkSelectionOptions::add_to(CLI::App& command) {
  add_list(command, "--layers", selection.layers,
           "Decoder layers whose cross-attention gives the links, averaged; from 0, or from "
           "-1 for the last. When neither these nor --heads are given, what the model came with "
           "(heed info), else all")
      ->type_name("N,...")
      ->group("Links");
  add_list(command, "--heads", selection.heads, "Heads of these layers, from 0; all when not given")
      ->type_name("N,...")
      ->group("Links");
}

}  // namespace heed
