#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/train/dev_validation.h"
#include "app/train/run_log.h"
#include "app/train/training_state.h"

namespace heed {

/// Tells how a run goes: on the terminal, and in log.jsonl.
class TrainingReport {
 public:
  /// `log` is the first process's; others tell nothing of what all of them do.
  explicit TrainingReport(std::optional<RunLog> log) : log_(std::move(log)) {}

  /// One event in the log.
  void log(const std::string& event, nlohmann::ordered_json fields);
  /// A line about the updates since the last one, whose sums `state.window` has. `left` in seconds.
  void updates(const TrainingState& state, bool has_alignment, double learning_rate,
               double gradient_norm, double left);
  void validation(const TrainingState& state, const DevResult& result, bool has_guide,
                  bool is_best);
  /// `count` dev pairs with what the model made of them.
  void samples(std::int64_t update, std::int64_t count, const std::vector<SentencePair>& dev,
               const std::vector<std::string>& outputs);

  /// Bytes of the log, once they are on disk.
  std::uintmax_t sync_log();

 private:
  std::optional<RunLog> log_;
};

}  // namespace heed
