#pragma once

#include <optional>
#include <string>

#include "app/interrupt.h"
#include "app/progress.h"
#include "app/train/dev_validation.h"
#include "app/train/prepare.h"
#include "app/train/run_folder.h"
#include "app/train/training_report.h"
#include "app/train/updater.h"
#include "app/worker_pool.h"
#include "model/optimizer.h"

namespace heed {

/// The update loop of one run: batches, replicas, optimizer, validation, checkpoints, reports.
///
/// An update whose loss or gradient is not finite is skipped. After training.max_skipped of them in
/// a row the run goes back to its last good checkpoint, at half the learning rate from there on;
/// after kMaxReturns returns to the same one it gives up.
class Trainer {
 public:
  static constexpr int kMaxReturns = 5;
  static constexpr double kSecondsPerMinute = 60.0;

  /// `folder` and `group` must outlive the trainer. The run goes on from `start`, if there is one.
  /// Of several processes the first validates, writes and reports.
  Trainer(RunConfig config, const RunFolder& folder, TrainingData data, ProcessGroup& group,
          const std::optional<Checkpoint>& start);

  /// Trains until the configuration's limits, early stopping, or a signal; throws Interrupted after
  /// saving in the last case, std::runtime_error when the loss diverges whatever the rate.
  void run();

 private:
  /// What the processes have agreed to do next.
  struct Plan {
    bool goes_on = true;
    bool saves = false;
    int signal = 0;
  };

  /// The first one's `reason` to stop counts, and anyone's `signal`, which becomes everyone's.
  Plan agree(const std::string& reason, int signal);
  std::string reason_to_stop() const;
  bool validation_is_due() const;
  /// Goes on with the plan of the state, unless the limits have changed since.
  void follow_plan();
  bool planning_is_due() const;
  /// Lets the schedule end with the last of training.max_epochs and training.max_minutes, by the
  /// speed of the updates since the last time.
  void plan_end();
  /// What the run takes after its last update.
  double ending_seconds() const;
  /// By training.max_updates and training.max_epochs.
  std::int64_t most_updates() const;
  void make_updater();
  /// Whether the part of the run that learns both directions is over.
  bool has_learnt_back() const;
  void stop_learning_back();
  void choose_precision(const std::string& before);
  void describe_state();
  void warn_of_other_rounding(const TrainingState& before) const;
  void begin();
  void finish(const std::string& reason);
  bool chooses_length_penalty() const;
  /// Of the last and of the best model, on dev text; into their settings.
  void choose_length_penalties();
  /// Of one checkpoint; returns its score by it.
  double choose_length_penalty(const std::filesystem::path& folder);
  /// False when it was skipped.
  bool train_update();
  void report_updates();
  void skip_update();
  void count_return(std::int64_t update);
  void return_to_good_checkpoint();
  void take_place_of(const std::optional<Checkpoint>& checkpoint);
  void validate();
  void take_findings(const DevResult& result, bool is_best);
  void save();
  void write_checkpoint(const TrainingState& state);
  /// Of all processes.
  std::int64_t num_replicas() const;
  double seconds() const { return state_.seconds + watch_.seconds(); }
  /// The state as it is at this moment, its times included.
  TrainingState state_now() const;
  /// The losses of all processes since the last log line.
  LossWindow window_now() const;
  /// Share of the run that is done, by whichever limit comes first; 0 with none.
  double share_done() const;

  RunConfig config_;
  const RunFolder& folder_;
  TrainingData data_;
  ProcessGroup& group_;
  WorkerPool pool_;
  TransformerModel model_;
  Optimizer optimizer_;
  ScheduleOptions schedule_;  // as planned so far
  DevValidation validation_;
  TrainingState state_;
  Precision precision_ = Precision::kFp32;
  std::optional<Updater> updater_;
  TrainingReport report_;
  Stopwatch watch_;  // of this part of the run; earlier parts are in state_.seconds
  // Since the last log line; the first is as in UpdateResult and read only when it is shown, the
  // second is to be added to state_.window.
  at::Tensor window_loss_;
  Stopwatch window_watch_;
  Stopwatch save_watch_;  // since the last checkpoint
  Stopwatch plan_watch_;  // since the schedule was planned last, at `plan_start_`
  std::int64_t plan_start_ = 0;
  double validation_seconds_ = 0.0;  // of the last one
  UpdateResult last_;
  double share_at_start_ = 0.0;
  std::int64_t saved_update_ = -1;
  std::int64_t returned_to_ = -1;  // the update that the run went back to last
  int returns_ = 0;                // to that one
};

}  // namespace heed
