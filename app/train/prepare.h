#pragma once

#include <cstdint>
#include <filesystem>
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
  std::uint64_t text_hash = 0;                  // of training and dev text
  double seconds = 0.0;                         // that it took to get all this
};

/// Throws UsageError when no training text is named.
void check_training_text(const DataConfig& data);

/// The tokenizers' vocabulary sizes are filled into `config.model`. Tokenizers, and what else must
/// not be made again, are taken from `former` (a checkpoint's folder, or the run's own for the
/// other processes) unless that is empty; tokenizers else from where the configuration says, else
/// they are trained, and kept in the run's folder. Training text is encoded once and cached there.
/// Throws UsageError when no training text is named, std::runtime_error on bad text.
TrainingData prepare_training_data(RunConfig& config, const RunFolder& folder,
                                   const std::filesystem::path& former = {});

}  // namespace heed
