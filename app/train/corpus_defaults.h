#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/config/run_config.h"

namespace heed {

/// What of a training text decides about the size of a model.
struct CorpusFacts {
  std::size_t pairs = 0;
  bool shares_letters = false;  // the letters of both sides are mostly of one writing system
  bool has_dev = false;         // there is text to validate on
};

/// Reads the training text once. Throws as `read_parallel` does.
CorpusFacts measure_corpus(const DataConfig& data);

/// A part of the configuration, and why.
struct ChosenSettings {
  std::vector<std::string> settings;  // "section.key=value"
  std::string reason;
};

/// What is good for a text of that kind, measured on corpora of 29,000 to 50,000 pairs (README,
/// "Results"); for larger ones the published shapes (Vaswani et al. 2017; Sennrich & Zhang 2019).
std::vector<ChosenSettings> choose_settings(const CorpusFacts& facts);

}  // namespace heed
