#pragma once

#include <CLI/App.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/align/attention_reading.h"
#include "app/config/run_config.h"
#include "app/model_folder.h"
#include "model/inference/inference_model.h"

namespace heed {

inline constexpr std::size_t kBatchTokens = 2048;
/// Of translation by an InferenceModel: what it keeps of each step then stays in the cache.
inline constexpr std::size_t kInferenceBatchTokens = 512;

/// Options that every command working with a trained model has.
struct ModelOptions {
  std::vector<std::string> models;
  std::size_t threads = 0;
  Device device = Device::kAuto;
  std::optional<std::size_t> batch_tokens;
  bool reverse = false;

  /// Where the model `is_required`, its absence is wrong usage.
  void add_to(CLI::App& command, bool is_required = true);
  /// Throws UsageError when no model was named, or several.
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
