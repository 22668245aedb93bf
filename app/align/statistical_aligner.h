#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/align/text_segmentation.h"
#include "app/worker_pool.h"
#include "data/text_units.h"
#include "model/word_alignment/hmm_aligner.h"

namespace heed {

/// Both sides of a pair as the units between which links are sought.
struct UnitPair {
  std::vector<TextUnit> src, tgt;
};

/// Word alignment from the statistics of a parallel text alone, without a network: an `HmmAligner`
/// over the text's words, subword pieces and characters.
class StatisticalAligner {
 public:
  /// Learns from `pairs`; either side may be empty. `on_progress` gets the share of the work done,
  /// 0 to 1.
  StatisticalAligner(std::span<const UnitPair> pairs, WorkerPool& pool,
                     const std::function<void(double)>& on_progress = {});

  StatisticalAligner(const StatisticalAligner&) = delete;
  StatisticalAligner& operator=(const StatisticalAligner&) = delete;

  /// Of a pair learnt from or another. May be called from several threads at once.
  LinkPosteriors align(const UnitPair& pair) const;

 private:
  struct View {
    WordSegmenter src, tgt;
  };

  NumberedText src_text_, tgt_text_;
  std::vector<View> views_;
  std::optional<HmmAligner> aligner_;
};

/// A StatisticalAligner, with progress shown under the name `what`.
StatisticalAligner learn_links(std::span<const UnitPair> pairs, WorkerPool& pool,
                               const std::string& what);

}  // namespace heed
