#include "app/train/trainer.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <stdexcept>

#include "app/config/config_file.h"
#include "app/device.h"
#include "app/train/precision.h"
#include "model/aten_ops.h"

namespace heed {
namespace {

KeptCheckpoints kept_checkpoints(const TrainingConfig& training) {
  return {static_cast<std::size_t>(training.keep_recent),
          static_cast<std::size_t>(training.keep_best)};
}

std::optional<RunLog> open_log(const RunFolder& folder, const ProcessGroup& group,
                               const std::optional<Checkpoint>& start) {
  if (!group.is_first()) return std::nullopt;
  return RunLog(folder.log(), start ? start->state.log_bytes : 0);
}

}  // namespace

Trainer::Trainer(RunConfig config, const RunFolder& folder, TrainingData data, ProcessGroup& group,
                 const std::optional<Checkpoint>& start)
    : config_(std::move(config)),
      folder_(folder),
      data_(std::move(data)),
      group_(group),
      pool_(replica_count(config_, choose_device(config_.training.device, local_rank()))),
      model_(config_.model, choose_device(config_.training.device, local_rank())),
      optimizer_(optimizer_options(config_.optimizer), model_.layout(), model_.values()),
      validation_(config_, data_.tokenizers, model_, pool_, data_.dev),
      report_(open_log(folder, group, start)) {
  take_place_of(start);
  if (start) {
    saved_update_ = state_.update;
    // Its writer may have been killed ahead of this.
    if (group_.is_first()) folder_.settle(state_, kept_checkpoints(config_.training));
    warn_of_other_rounding(start->state);
    spdlog::info("resumed from update {}", state_.update);
  }
  choose_precision(state_.precision);
  describe_state();
  make_updater();
  spdlog::info("model: {} parameters; {} replica{} on {}, {}", model_.layout().num_parameters(),
               pool_.size(), pool_.size() == 1 ? "" : "s", describe_device(model_.device()),
               state_.precision);
  if (group_.size() > 1) spdlog::info("one of {} processes", group_.size());
}

/// "auto" stays what it was when the run began, also on another machine.
void Trainer::choose_precision(const std::string& before) {
  Precision wanted = config_.training.precision;
  for (const Precision known : {Precision::kFp32, Precision::kBf16})
    if (wanted == Precision::kAuto && before == describe_precision(known)) wanted = known;
  precision_ = agree_on_precision(wanted, model_, config_.model, group_);
}

/// What this machine and this text are, whatever the checkpoint said.
void Trainer::describe_state() {
  state_.precision = describe_precision(precision_);
  state_.replicas = num_replicas();
  state_.text_hash = data_.text_hash;
}

void Trainer::warn_of_other_rounding(const TrainingState& before) const {
  if (num_replicas() == before.replicas) return;
  spdlog::warn(
      "the run had {} replicas so far and has {} now: its numbers will differ in rounding from "
      "what they would have been; training.threads = {} keeps them",
      before.replicas, num_replicas(), before.replicas);
}

std::int64_t Trainer::num_replicas() const {
  return static_cast<std::int64_t>(pool_.size() * group_.size());
}

void Trainer::make_updater() {
  updater_.reset();  // the former one first: both would take twice the memory
  updater_.emplace(
      config_, state_.learns_back ? data_.train.in_both_directions() : data_.train, data_.guide,
      data_.tokenizers, model_, optimizer_, pool_, group_,
      UpdaterStart{state_.epoch, state_.batch_in_epoch, state_.part_tokens, precision_});
  updater_->replicas().refresh();
}

void Trainer::run() {
  const InterruptGuard interrupt;
  begin();
  std::string reason;
  Plan plan;
  while (reason = reason_to_stop(), plan = agree(reason, interrupt.signal()), plan.goes_on) {
    if (plan.saves) save();
    if (validation_is_due()) {
      validate();
      if (config_.training.max_minutes > 0) plan_end();
      continue;  // a signal may have come meanwhile, or patience has ended
    }
    if (planning_is_due()) plan_end();
    if (has_learnt_back()) stop_learning_back();
    if (train_update() && state_.update % config_.training.log_every == 0) report_updates();
  }
  clear_status();
  if (plan.signal != 0) {
    if (saved_update_ != state_.update) save();
    group_.wait_for_all();  // else the starter would end the first process before it has saved
    throw Interrupted(fmt::format("interrupted at update {}, saved in {}; the same command goes on",
                                  state_.update, (folder_.path() / "last").string()),
                      plan.signal);
  }
  finish(reason);
}

void Trainer::begin() {
  watch_ = {};
  window_watch_ = {};
  save_watch_ = {};
  plan_watch_ = {};
  plan_start_ = state_.update;
  share_at_start_ = share_done();
  if (state_.update > 0) return;
  report_.log("start", {{"parameters", model_.layout().num_parameters()},
                        {"replicas", pool_.size()},
                        {"processes", group_.size()},
                        {"precision", state_.precision},
                        {"pairs", data_.train.size()},
                        {"seed", config_.training.seed}});
}

Trainer::Plan Trainer::agree(const std::string& reason, int signal) {
  const double minutes = save_watch_.seconds() / kSecondsPerMinute;
  const bool wants_to_save = config_.training.save_minutes > 0 &&
                             minutes >= config_.training.save_minutes &&
                             saved_update_ != state_.update;
  std::array<double, 3> votes{group_.is_first() && !reason.empty() ? 1.0 : 0.0,
                              static_cast<double>(signal),
                              group_.is_first() && wants_to_save ? 1.0 : 0.0};
  group_.all_reduce(votes);
  // Sums of signals would be none: which one it was matters little.
  if (signal == 0 && votes[1] > 0.0) signal = SIGTERM;
  return {votes[0] == 0.0 && signal == 0, votes[2] > 0.0, signal};
}

std::string Trainer::reason_to_stop() const {
  const TrainingConfig& limits = config_.training;
  const std::int64_t patience = config_.validation.patience;
  if (state_.update >= limits.max_updates) return "training.max_updates reached";
  if (state_.plan.max_updates > 0 && state_.update >= state_.plan.max_updates)
    return fmt::format("the planned {} updates are done", state_.plan.max_updates);
  if (limits.max_epochs > 0 && state_.epoch >= limits.max_epochs)
    return "training.max_epochs reached";
  if (limits.max_minutes > 0 && seconds() + data_.seconds >= kSecondsPerMinute * limits.max_minutes)
    return "training.max_minutes reached";
  if (patience > 0 && state_.validations_without_gain >= patience)
    return fmt::format("no gain in {} validations", patience);
  return "";
}

bool Trainer::validation_is_due() const {
  return state_.update > 0 && state_.update % config_.validation.every == 0 &&
         !state_.is_validated();
}

bool Trainer::train_update() {
  ++state_.update;
  last_ = updater_->run(state_.update, state_.rate_scale * learning_rate(schedule_, state_.update));
  state_.epoch = last_.epoch;
  state_.batch_in_epoch = last_.batch_in_epoch;
  state_.part_tokens = updater_->part_tokens();
  if (!last_.is_finite) {
    skip_update();
    return false;
  }
  state_.skipped_in_a_row = 0;
  state_.tgt_tokens += last_.tgt_tokens;
  state_.window.tgt_tokens += last_.tgt_tokens;
  window_loss_ = window_loss_ + last_.loss;
  return true;
}

double Trainer::share_done() const {
  const TrainingConfig& limits = config_.training;
  double share = static_cast<double>(state_.update) / static_cast<double>(limits.max_updates);
  if (state_.plan.max_updates > 0)
    share = std::max(
        share, static_cast<double>(state_.update) / static_cast<double>(state_.plan.max_updates));
  if (limits.max_minutes > 0)
    share = std::max(share, seconds() / (kSecondsPerMinute * limits.max_minutes));
  const std::int64_t batches = updater_->batches_in_epoch();
  if (limits.max_epochs > 0 && batches > 0) {
    const double epochs = static_cast<double>(state_.epoch) +
                          static_cast<double>(state_.batch_in_epoch) / static_cast<double>(batches);
    share = std::max(share, epochs / static_cast<double>(limits.max_epochs));
  }
  return std::min(share, 1.0);
}

LossWindow Trainer::window_now() const {
  LossWindow window = state_.window;
  window.seconds += window_watch_.seconds();
  const at::Tensor loss = window_loss_.to(at::kCPU, /*non_blocking=*/false, /*copy=*/true);
  group_.all_reduce(loss);
  window.loss = loss[0].item<double>();
  window.alignment_loss = loss[1].item<double>();
  window.divergence = loss[2].item<double>();
  return window;
}

TrainingState Trainer::state_now() const {
  TrainingState state = state_;
  state.seconds = seconds();
  state.window = window_now();
  return state;
}

void Trainer::report_updates() {
  const double gained = share_done() - share_at_start_;
  const double left = gained > 0 ? watch_.seconds() * (1.0 - share_done()) / gained : 0.0;
  report_.updates(state_now(), data_.guide != nullptr, last_.learning_rate, last_.gradient_norm,
                  left);
  state_.window = {};
  window_loss_ = at::zeros_like(window_loss_);
  window_watch_ = {};
}

void Trainer::validate() {
  // Processors of different kinds round differently: everyone goes on from the same parameters.
  group_.broadcast(model_.values());
  updater_->replicas().refresh();
  const Stopwatch validation_watch;
  state_.window.seconds += window_watch_.seconds();
  state_.validated_update = state_.update;
  if (group_.is_first() && validation_.has_text()) {
    const AveragedWeights averaged(model_, optimizer_.adam);
    const DevResult result = validation_.run();
    const double score = result.score(config_.validation.metric);
    const bool is_best = state_.best_update == 0 || score > state_.best_score;
    state_.score = score;
    if (is_best) {
      state_.best_score = score;
      state_.best_update = state_.update;
    }
    state_.validations_without_gain = is_best ? 0 : state_.validations_without_gain + 1;
    take_findings(result, is_best);
  }
  window_watch_ = {};  // the speed of training is shown without it
  save();
  validation_seconds_ = validation_watch.seconds();
}

void Trainer::take_findings(const DevResult& result, bool is_best) {
  if (data_.guide) config_.alignment.threshold = result.links.threshold;
  if (result.attention) {
    const auto readings = candidate_readings(config_.model);
    config_.alignment.forward = readings[result.attention->forward];
    if (config_.data.bidirectional) config_.alignment.reverse = readings[result.attention->reverse];
    config_.alignment.agreement = result.attention->agreement;
  }
  clear_status();
  TrainingState state = state_;
  state.seconds = seconds();
  report_.validation(state, result, data_.guide != nullptr, is_best);
  for (std::size_t d = 0; d < result.directions.size(); ++d)
    report_.samples(state_.update, config_.validation.samples, validation_.validators()[d].dev(),
                    result.directions[d].outputs);
}

void Trainer::save() {
  TrainingState state = state_now();
  save_watch_ = {};
  if (group_.is_first()) {
    report_.log("checkpoint", {{"update", state_.update}});
    state.log_bytes = report_.sync_log();
    write_checkpoint(state);
  }
  saved_update_ = state_.update;
}

void Trainer::write_checkpoint(const TrainingState& state) {
  try {
    save_checkpoint({folder_.checkpoint(state.update), state}, config_, data_.tokenizers, model_,
                    optimizer_.adam);
    folder_.settle(state, kept_checkpoints(config_.training));
  } catch (const std::runtime_error& error) {
    if (saved_update_ < 0) throw;
    throw std::runtime_error(
        fmt::format("{}; {} is whole, with the run up to update {}, and the same command goes on "
                    "from there",
                    error.what(), folder_.checkpoint(saved_update_).string(), saved_update_));
  }
}

}  // namespace heed
