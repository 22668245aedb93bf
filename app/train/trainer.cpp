#include "app/train/trainer.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>

#include "app/device.h"

namespace heed {
namespace {

AdamOptions adam_options(const OptimizerConfig& optimizer) {
  AdamOptions options = optimizer.adam;
  options.decoupled_weight_decay = optimizer.kind == OptimizerKind::kAdamW;
  return options;
}

/// One replica a core on a CPU; on a GPU one.
std::size_t replica_count(const RunConfig& config, at::Device device) {
  return device.is_cpu() ? static_cast<std::size_t>(config.training.threads) : 1;
}

}  // namespace

Trainer::Trainer(RunConfig config, const RunFolder& folder, TrainingData data, bool resume)
    : config_(std::move(config)),
      folder_(folder),
      data_(std::move(data)),
      pool_(replica_count(config_, choose_device(config_.training.device))),
      model_(config_.model, choose_device(config_.training.device)),
      optimizer_(adam_options(config_.optimizer), model_.values()),
      replicas_(model_, data_.train, pool_, config_.optimizer.label_smoothing,
                static_cast<std::uint64_t>(config_.training.seed)),
      validator_(config_, data_.tokenizers, model_, pool_, std::move(data_.dev)),
      state_(resume && folder.has_checkpoint() ? folder.load_checkpoint(model_, optimizer_)
                                               : TrainingState{}),
      log_(folder.log(), state_.log_bytes) {
  if (state_.update == 0)
    model_.layout().initialize(model_.values(), static_cast<std::uint64_t>(config_.training.seed));
  else
    spdlog::info("resumed from update {}", state_.update);
  config_.optimizer.schedule.max_updates = config_.training.max_updates;
  spdlog::info("model: {} parameters; {} replica{} on {}", model_.layout().num_parameters(),
               pool_.size(), pool_.size() == 1 ? "" : "s", describe_device(model_.device()));
}

void Trainer::run() {
  const InterruptGuard interrupt;
  watch_ = {};
  window_ = {};
  share_at_start_ = share_done();
  if (state_.update == 0)
    log_.write("start", {{"parameters", model_.layout().num_parameters()},
                         {"replicas", pool_.size()},
                         {"pairs", data_.train.size()},
                         {"seed", config_.training.seed}});
  std::string reason;
  while ((reason = reason_to_stop()).empty() && interrupt.signal() == 0) {
    train_update();
    if (state_.update % config_.training.log_every == 0) report_update();
    if (state_.update % config_.validation.every == 0) validate();
  }
  clear_status();
  if (interrupt.signal() != 0) {
    if (saved_update_ != state_.update) save();
    throw Interrupted(
        fmt::format("interrupted at update {}, saved in {}; the same command with --resume goes on",
                    state_.update, (folder_.path() / "last").string()),
        interrupt.signal());
  }
  if (saved_update_ != state_.update) validate();
  log_.write("stop", {{"update", state_.update}, {"reason", reason}, {"seconds", seconds()}});
  spdlog::info("done after {} updates, {}: {}; model in {}", state_.update,
               format_duration(seconds()), reason, find_model_folder(folder_.path()).string());
}

std::string Trainer::reason_to_stop() const {
  const TrainingConfig& limits = config_.training;
  const std::int64_t patience = config_.validation.patience;
  if (state_.update >= limits.max_updates) return "training.max_updates reached";
  if (limits.max_epochs > 0 && state_.epoch >= limits.max_epochs)
    return "training.max_epochs reached";
  if (limits.max_minutes > 0 && seconds() >= 60.0 * limits.max_minutes)
    return "training.max_minutes reached";
  if (patience > 0 && state_.validations_without_gain >= patience)
    return fmt::format("no gain in {} validations", patience);
  return "";
}

Batch Trainer::next_batch() {
  if (planned_epoch_ != state_.epoch) {
    BatchOptions options;
    options.max_tokens = static_cast<std::size_t>(config_.training.max_tokens);
    options.seed = static_cast<std::uint64_t>(config_.training.seed);
    plan_ = plan_batches(data_.train.lengths(), options, static_cast<std::uint64_t>(state_.epoch));
    planned_epoch_ = state_.epoch;
  }
  Batch batch = plan_[static_cast<std::size_t>(state_.batch_in_epoch)];
  if (++state_.batch_in_epoch == static_cast<std::int64_t>(plan_.size())) {
    state_.batch_in_epoch = 0;
    ++state_.epoch;
  }
  return batch;
}

void Trainer::train_update() {
  ++state_.update;
  replicas_.begin_update();
  BatchLoss total;
  for (std::int64_t part = 0; part < config_.training.accumulation; ++part)
    total += replicas_.accumulate(next_batch(), state_.update, part);
  apply_gradients(total);
  state_.tgt_tokens += total.tgt_tokens;
  window_.loss += total;
}

void Trainer::apply_gradients(const BatchLoss& total) {
  const at::Tensor& grads = replicas_.reduce();
  double scale = 1.0 / static_cast<double>(total.tgt_tokens);  // the mean over the update's tokens
  gradient_norm_ = heed::norm(grads) * scale;
  const double limit = config_.optimizer.clip_norm;
  if (limit > 0 && gradient_norm_ > limit) scale *= limit / gradient_norm_;
  learning_rate_ = learning_rate(config_.optimizer.schedule, state_.update);
  optimizer_.step(model_.values(), grads, scale, learning_rate_, state_.update);
}

double Trainer::share_done() const {
  const TrainingConfig& limits = config_.training;
  double share = static_cast<double>(state_.update) / static_cast<double>(limits.max_updates);
  if (limits.max_minutes > 0) share = std::max(share, seconds() / (60.0 * limits.max_minutes));
  if (limits.max_epochs > 0 && !plan_.empty()) {
    const double epochs =
        static_cast<double>(state_.epoch) +
        static_cast<double>(state_.batch_in_epoch) / static_cast<double>(plan_.size());
    share = std::max(share, epochs / static_cast<double>(limits.max_epochs));
  }
  return std::min(share, 1.0);
}

void Trainer::report_update() {
  const double rate = static_cast<double>(window_.loss.tgt_tokens) / window_.watch.seconds();
  const double loss = window_.loss.loss / static_cast<double>(window_.loss.tgt_tokens);
  const double gained = share_done() - share_at_start_;
  const double left = gained > 0 ? watch_.seconds() * (1.0 - share_done()) / gained : 0.0;
  const std::string line = fmt::format(
      "epoch {}, update {}, loss {:.3f}, lr {:.2e}, {:.0f} target tokens/s, {} left",
      state_.epoch + 1, state_.update, loss, learning_rate_, rate, format_duration(left));
  if (stderr_is_terminal())
    show_status(line);
  else
    spdlog::info("{}", line);
  log_.write("update", {{"update", state_.update},
                        {"epoch", state_.epoch + 1},
                        {"loss", loss},
                        {"learning_rate", learning_rate_},
                        {"gradient_norm", gradient_norm_},
                        {"tgt_tokens", state_.tgt_tokens},
                        {"tgt_tokens_per_second", rate},
                        {"seconds", seconds()}});
  window_ = {};
}

void Trainer::validate() {
  if (!validator_.has_text()) return save();
  const ValidationResult result = validator_.run();
  const double score = result.score(config_.validation.metric);
  const bool is_best = state_.best_update == 0 || score > state_.best_score;
  if (is_best) {
    state_.best_score = score;
    state_.best_update = state_.update;
  }
  state_.validations_without_gain = is_best ? 0 : state_.validations_without_gain + 1;
  clear_status();
  spdlog::info("dev after {} updates, {}: perplexity {:.2f}, BLEU {:.2f}, chrF {:.2f}{} ({:.1f} s)",
               state_.update, format_duration(seconds()), result.perplexity, result.bleu,
               result.chrf, is_best ? ", the best so far" : "", result.seconds);
  log_.write("validation", {{"update", state_.update},
                            {"cross_entropy", result.cross_entropy},
                            {"perplexity", result.perplexity},
                            {"bleu", result.bleu},
                            {"chrf", result.chrf},
                            {"best", is_best},
                            {"seconds", seconds()}});
  show_samples(result);
  save();
  window_.watch = {};
}

void Trainer::show_samples(const ValidationResult& result) {
  const auto& dev = validator_.dev();
  const auto count = std::min(static_cast<std::size_t>(config_.validation.samples), dev.size());
  for (std::size_t sample = 0; sample < count; ++sample) {
    const std::size_t i = sample * dev.size() / count;
    spdlog::info("  source    {}", dev[i].src);
    spdlog::info("  reference {}", dev[i].tgt);
    spdlog::info("  heed      {}", result.outputs[i]);
    log_.write("sample", {{"update", state_.update},
                          {"source", dev[i].src},
                          {"reference", dev[i].tgt},
                          {"output", result.outputs[i]}});
  }
}

void Trainer::save() {
  log_.write("checkpoint", {{"update", state_.update}});
  TrainingState state = state_;
  state.seconds = seconds();
  state.log_bytes = log_.size();
  folder_.save_checkpoint(config_, data_.tokenizers, model_, optimizer_, state,
                          config_.training.keep_recent);
  saved_update_ = state_.update;
}

}  // namespace heed
