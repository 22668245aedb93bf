#pragma once

#include <memory>
#include <vector>

#include "app/model_bundle.h"
#include "app/train/alignment_guide.h"
#include "app/train/run_folder.h"
#include "data/encoded_corpus.h"
#include "data/parallel_corpus.h"

namespace heed {

/// What training reads.
struct TrainingData {
  Tokenizers tokenizers;
  EncodedCorpus train;
  std::shared_ptr<const AlignmentGuide> guide;  // null: the model has no alignment head
  std::vector<SentencePair> dev;                // may be empty: then nothing is validated
};

/// The dev text and the tokenizers' vocabulary sizes are filled into `config.model`. Tokenizers are
/// taken from the run's folder when it has them and `resume`, else from where the configuration
/// says, else trained; then kept in the run's folder. Training text is encoded once and cached
/// there. Throws UsageError when no training text is named, std::runtime_error on bad text.
TrainingData prepare_training_data(RunConfig& config, const RunFolder& folder, bool resume);

}  // namespace heed
