#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <stdexcept>

#include "app/config/config_file.h"
#include "app/train/trainer.h"
#include "model/aten_ops.h"

// The places that a run can go to: a checkpoint that it is resumed from or returns to, or the
// beginning.

namespace heed {
namespace {

constexpr double kRateCut = 0.5;  // of the learning rate, at each return

/// What the run's validations have found so far, which is no setting of the user's.
AlignmentConfig with_findings(AlignmentConfig config, const std::filesystem::path& model_folder) {
  const AlignmentConfig found = read_config(model_folder / kConfigFile).alignment;
  config.threshold = found.threshold;
  config.forward = found.forward;
  config.reverse = found.reverse;
  config.agreement = found.agreement;
  return config;
}

}  // namespace

/// Weights, moments, findings and state of a checkpoint; without one those of a new run.
void Trainer::take_place_of(const std::optional<Checkpoint>& checkpoint) {
  if (checkpoint) {
    load_checkpoint(checkpoint->folder, model_, optimizer_.adam);
    config_.alignment = with_findings(config_.alignment, checkpoint->folder);
    state_ = checkpoint->state;
  } else {
    model_.layout().initialize(model_.values(), static_cast<std::uint64_t>(config_.training.seed));
    optimizer_.adam.first_moment.zero_();
    optimizer_.adam.second_moment.zero_();
    if (optimizer_.adam.average.defined()) optimizer_.adam.average.copy_(model_.values());
    state_ = {};
    state_.learns_back = config_.regularization.reverse_share > 0 && !config_.data.bidirectional;
  }
  follow_plan();
  group_.broadcast(model_.values());
  // What other processes had in their windows was added to the first one's.
  const at::Tensor loss = at::zeros({kLossParts}, at::kDouble);
  if (group_.is_first()) {
    loss.mutable_data_ptr<double>()[0] = state_.window.loss;
    loss.mutable_data_ptr<double>()[1] = state_.window.alignment_loss;
    loss.mutable_data_ptr<double>()[2] = state_.window.divergence;
  }
  window_loss_ = loss.to(model_.device());
}

void Trainer::skip_update() {
  ++state_.skipped_updates;
  ++state_.skipped_in_a_row;
  clear_status();
  spdlog::warn("update {} skipped: its loss or gradient is not finite ({} in a row)", state_.update,
               state_.skipped_in_a_row);
  report_.log("skip", {{"update", state_.update}, {"in_a_row", state_.skipped_in_a_row}});
  if (state_.skipped_in_a_row >= config_.training.max_skipped) return_to_good_checkpoint();
}

void Trainer::count_return(std::int64_t update) {
  returns_ = update == returned_to_ ? returns_ + 1 : 1;
  returned_to_ = update;
  if (returns_ <= kMaxReturns) return;
  throw std::runtime_error(
      fmt::format("update {}: loss or gradient are not finite again and again, down to {} of the "
                  "learning rate; "
                  "try a lower optimizer.learning_rate, more optimizer.warmup_updates, a smaller "
                  "optimizer.clip_norm, or training.precision = \"fp32\"",
                  state_.update, state_.rate_scale));
}

void Trainer::return_to_good_checkpoint() {
  const std::optional<Checkpoint> good = share_checkpoint(
      group_.is_first() ? folder_.find_good_checkpoint() : std::nullopt, folder_, group_);
  count_return(good ? good->state.update : 0);
  const TrainingState before = state_now();
  take_place_of(good);
  // The place is an earlier one; what has happened has happened all the same.
  state_.seconds = before.seconds;
  state_.skipped_updates = before.skipped_updates;
  state_.rate_scale = kRateCut * before.rate_scale;
  state_.part_tokens = before.part_tokens;
  watch_ = {};
  window_watch_ = {};
  saved_update_ = good ? state_.update : -1;
  describe_state();
  make_updater();
  spdlog::warn("{} updates in a row were skipped: back to update {}, at {} of the learning rate",
               before.skipped_in_a_row, state_.update, state_.rate_scale);
  report_.log("return", {{"from_update", before.update},
                         {"update", state_.update},
                         {"rate_scale", state_.rate_scale}});
  group_.wait_for_all();  // until everyone has read what is needed
  if (group_.is_first()) folder_.remove_after(state_.update);
}

}  // namespace heed
