#pragma once

#include <CLI/App.hpp>
#include <optional>
#include <string>

#include "app/align/attention_reading.h"
#include "app/config/run_config.h"
#include "app/model_folder.h"
#include "model/inference/inference_model.h"

namespace heed {

/// Options that every command working with a trained model has.
struct ModelOptions {
  std::string model;
  std::size_t threads = 0;
  Device device = Device::kAuto;
  std::size_t batch_tokens = 2048;
  bool reverse = false;

  /// Where the model `is_required`, its absence is wrong usage.
  void add_to(CLI::App& command, bool is_required = true);
  /// Throws UsageError when no model was named.
  const std::string& path() const;
  Direction direction() const { return reverse ? Direction::kReverse : Direction::kForward; }
};

/// What weights are held and multiplied in when translating on a CPU.
struct PrecisionOption {
  std::optional<WeightPrecision> precision;  // none: the fastest that this processor has

  void add_to(CLI::App& command);
  WeightPrecision choose() const { return precision.value_or(best_precision()); }
};

/// Options that choose the attention which word alignments are read from.
struct LinkSelectionOptions {
  HeadSelection selection;

  void add_to(CLI::App& command);
};

}  // namespace heed
