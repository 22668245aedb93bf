#pragma once

#include <optional>
#include <string>

#include "app/interrupt.h"
#include "app/progress.h"
#include "app/train/dev_validation.h"
#include "app/train/prepare.h"
#include "app/train/run_folder.h"
#include "app/train/run_log.h"
#include "app/train/updater.h"
#include "app/worker_pool.h"
#include "model/optimizer.h"

namespace heed {

/// The update loop of one run: batches, replicas, optimizer, validation, checkpoints, reports.
class Trainer {
 public:
  /// `folder` and `group` must outlive the trainer. With `resume` the run goes on from its last
  /// checkpoint, if there is one. Of several processes the first validates, writes and reports.
  Trainer(RunConfig config, const RunFolder& folder, TrainingData data, ProcessGroup& group,
          bool resume);

  /// Trains until the configuration's limits, early stopping, or a signal; throws Interrupted after
  /// saving in the last case.
  void run();

 private:
  /// Loss and tokens since the last log line.
  struct Window {
    at::Tensor loss;  // as in UpdateResult, summed, in nats; read only when it is shown
    std::int64_t tgt_tokens = 0;
    Stopwatch watch;
  };

  std::string reason_to_stop() const;
  /// Whether the processes agree to make another update; the first one's `reason` counts, and
  /// anyone's `signal`, which becomes everyone's.
  bool agree_to_go_on(const std::string& reason, int& signal);
  void train_update();
  void report_update();
  void write_log(const std::string& event, nlohmann::ordered_json fields);
  void validate();
  /// On the terminal and in the log.
  void report_validation(const DevResult& result, bool is_best);
  void show_samples(const std::vector<SentencePair>& dev, const std::vector<std::string>& outputs);
  void save();
  double seconds() const { return state_.seconds + watch_.seconds(); }
  /// Share of the run that is done, by whichever limit comes first; 0 with none.
  double share_done() const;

  RunConfig config_;
  const RunFolder& folder_;
  TrainingData data_;
  ProcessGroup& group_;
  WorkerPool pool_;
  TransformerModel model_;
  Adam optimizer_;
  DevValidation validation_;
  TrainingState state_;
  Updater updater_;
  std::optional<RunLog> log_;  // of the first process
  Stopwatch watch_;            // of this part of the run; earlier parts are in state_.seconds
  Window window_;
  UpdateResult last_;
  double share_at_start_ = 0.0;
  std::int64_t saved_update_ = -1;
};

}  // namespace heed
