#pragma once

#include <functional>
#include <vector>

#include "app/check/text_check.h"
#include "data/parallel_corpus.h"

namespace heed {

struct CheckedText {
  TextRole role = TextRole::kTrain;
  ParallelFiles files;
  bool is_empty() const { return files.src.empty() && files.tgt.empty() && files.tsv.empty(); }
};

struct CheckInput {
  CheckedText train{TextRole::kTrain, {}};
  CheckedText dev{TextRole::kDev, {}};
  CheckedText test{TextRole::kTest, {}};
};

/// Hears of every pair of the training text: which of its sources it is in, and what became of it.
using TrainConsumer = std::function<void(std::size_t source, const PairOutcome&)>;

/// Goes through all texts once; those to validate and test on first, which the training text is
/// compared with. Returns the findings of those that there are: train, dev, test. Throws
/// std::runtime_error for what can't be read.
std::vector<TextFindings> check_corpus(const CheckInput& input, const CheckOptions& options,
                                       const TrainConsumer& consume = {});

}  // namespace heed
