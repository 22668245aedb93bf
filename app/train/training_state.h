#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "app/train/time_plan.h"

namespace heed {

/// What was trained since the last line of the log.
struct LossWindow {
  double loss = 0.0;  // nats, summed over target tokens, of all processes
  double alignment_loss = 0.0;
  double divergence = 0.0;  // of two passes, see consistent_loss
  std::int64_t tgt_tokens = 0;
  double seconds = 0.0;
};

/// Where a run stands: with weights and optimizer moments, all that resuming needs. Orders and
/// dropout are pure functions of (seed, epoch) and (seed, update), so no generator's state is here.
struct TrainingState {
  std::int64_t update = 0;
  std::int64_t epoch = 0;
  std::int64_t batch_in_epoch = 0;  // batches of this epoch already used
  std::int64_t tgt_tokens = 0;      // trained on so far, eos counted
  double seconds = 0.0;             // spent training
  LossWindow window;

  double best_score = 0.0;       // of the validation metric; higher is better
  std::int64_t best_update = 0;  // 0: no validation yet
  std::int64_t validations_without_gain = 0;
  std::int64_t validated_update = -1;  // the last one that was validated
  double score = 0.0;                  // there, of the validation metric

  // Updates whose loss or gradient was not finite, see Divergence.
  std::int64_t skipped_updates = 0;
  std::int64_t skipped_in_a_row = 0;
  double rate_scale = 1.0;   // of the learning rate that the schedule gives
  TimePlan plan;             // of the schedule
  bool learns_back = false;  // batches have both directions, see RegularizationConfig

  // What the last bits of a result depend on beside the configuration.
  std::string precision;         // what training.precision = "auto" became
  std::int64_t replicas = 0;     // of all processes
  std::int64_t part_tokens = 0;  // see BatchFeedOptions
  std::uint64_t text_hash = 0;   // of the training and the dev text, as encoded

  std::uintmax_t log_bytes = 0;  // of log.jsonl when the checkpoint was written

  bool is_validated() const { return validated_update == update; }

  void save(const std::filesystem::path& path) const;
  /// Throws std::runtime_error naming the file and what is wrong with it.
  static TrainingState load(const std::filesystem::path& path);
};

}  // namespace heed
