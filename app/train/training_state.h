#pragma once

#include <cstdint>
#include <filesystem>

namespace heed {

/// Where a run stands: with weights and optimizer moments, all that resuming needs. Orders and
/// dropout are pure functions of (seed, epoch) and (seed, update), so no generator's state is here.
struct TrainingState {
  std::int64_t update = 0;
  std::int64_t epoch = 0;
  std::int64_t batch_in_epoch = 0;  // batches of this epoch already used
  std::int64_t tgt_tokens = 0;      // trained on so far, eos counted
  double seconds = 0.0;             // spent training
  double best_score = 0.0;          // of the validation metric; higher is better
  std::int64_t best_update = 0;     // 0: no validation yet
  std::int64_t validations_without_gain = 0;
  std::uintmax_t log_bytes = 0;  // of log.jsonl when the checkpoint was written

  void save(const std::filesystem::path& path) const;
  /// Throws std::runtime_error naming the file and what is wrong with it.
  static TrainingState load(const std::filesystem::path& path);
};

}  // namespace heed
