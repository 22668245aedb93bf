#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <span>

#include "app/align/aligner.h"
#include "app/align/attention_record.h"
#include "app/model_bundle.h"
#include "app/worker_pool.h"

namespace heed {

struct AttributorOptions {
  std::set<AttributionMethod> methods;
  std::size_t max_tokens = 2048;  // of a batch: sentences times the longest side
};

/// Tells what each source unit did to each target unit of given pairs, see occlusion.h and
/// gradient.h. Attention is not computed here: the aligner, which knows what links are read from,
/// puts it into the record (AlignerOptions::attributes_attention).
class Attributor {
 public:
  /// Both must outlive the attributor.
  Attributor(const ModelBundle& bundle, WorkerPool& pool, AttributorOptions options);

  /// Adds to the record of each input. `on_progress` gets about how many pairs are done, one call
  /// at a time.
  void attribute(std::span<const AlignmentInput> inputs, std::span<AttentionRecord> records,
                 const std::function<void(std::size_t)>& on_progress = {}) const;

 private:
  const ModelBundle& bundle_;
  WorkerPool& pool_;
  AttributorOptions options_;
};

}  // namespace heed
