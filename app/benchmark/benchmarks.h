#pragma once

#include <string>
#include <vector>

#include "app/model_options.h"

namespace heed {

struct TrainBenchmarkOptions {
  std::string config;
  std::vector<std::string> settings;
  std::int64_t windows = 5;   // rates are the median of so many
  std::int64_t updates = 20;  // in each
  bool json = false;
};

/// Trains by a configuration without validating or saving, and prints how fast.
void benchmark_training(const TrainBenchmarkOptions& options);

struct TranslateBenchmarkOptions {
  ModelOptions model;
  PrecisionOption precision;
  std::string input;
  std::int64_t beam_size = 0;  // 0: the model's
  std::int64_t windows = 5;
  bool json = false;
};

/// Translates a file several times and prints how fast.
void benchmark_translation(const TranslateBenchmarkOptions& options);

}  // namespace heed
