#pragma once

#include <functional>
#include <string>

#include "app/interrupt.h"
#include "app/progress.h"
#include "app/train/prepare.h"
#include "app/train/replicas.h"
#include "app/train/run_folder.h"
#include "app/train/run_log.h"
#include "app/train/validator.h"
#include "app/worker_pool.h"
#include "model/optimizer.h"

namespace heed {

/// The update loop of one run: batches, replicas, optimizer, validation, checkpoints, reports.
class Trainer {
 public:
  /// `folder` must outlive the trainer. With `resume` the run goes on from its last checkpoint, if
  /// there is one.
  Trainer(RunConfig config, const RunFolder& folder, TrainingData data, bool resume);

  /// Trains until the configuration's limits, early stopping, or a signal; throws Interrupted after
  /// saving in the last case.
  void run();

 private:
  /// Loss and tokens since the last log line.
  struct Window {
    BatchLoss loss;
    Stopwatch watch;
  };

  std::string reason_to_stop() const;
  void train_update();
  void apply_gradients(const BatchLoss& total);
  Batch next_batch();
  void report_update();
  void validate();
  void show_samples(const ValidationResult& result);
  void save();
  double seconds() const { return state_.seconds + watch_.seconds(); }
  /// Share of the run that is done, by whichever limit comes first; 0 with none.
  double share_done() const;

  RunConfig config_;
  const RunFolder& folder_;
  TrainingData data_;
  WorkerPool pool_;
  TransformerModel model_;
  Adam optimizer_;
  Replicas replicas_;
  Validator validator_;
  TrainingState state_;
  RunLog log_;
  Stopwatch watch_;  // of this part of the run; earlier parts are in state_.seconds
  Window window_;
  double learning_rate_ = 0.0;
  double gradient_norm_ = 0.0;
  double share_at_start_ = 0.0;
  std::int64_t saved_update_ = -1;
  std::int64_t planned_epoch_ = -1;
  std::vector<Batch> plan_;
};

}  // namespace heed
