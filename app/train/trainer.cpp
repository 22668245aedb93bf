#include "app/train/trainer.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "app/config/config_file.h"
#include "app/device.h"
#include "app/train/precision.h"
#include "model/aten_ops.h"

namespace heed {
namespace {

/// The cosine ends with the run.
RunConfig with_schedule_end(RunConfig config) {
  config.optimizer.schedule.max_updates = config.training.max_updates;
  return config;
}

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

Trainer::Trainer(RunConfig config, const RunFolder& folder, TrainingData data, ProcessGroup& group,
                 bool resume)
    : config_(with_schedule_end(std::move(config))),
      folder_(folder),
      data_(std::move(data)),
      group_(group),
      pool_(replica_count(config_, choose_device(config_.training.device, local_rank()))),
      model_(config_.model, choose_device(config_.training.device, local_rank())),
      optimizer_(adam_options(config_.optimizer), model_.values()),
      validation_(config_, data_.tokenizers, model_, pool_, data_.dev),
      state_(resume && folder.has_checkpoint() ? folder.load_checkpoint(model_, optimizer_)
                                               : TrainingState{}),
      updater_(config_, data_.train, data_.guide, model_, optimizer_, pool_, group, state_.epoch,
               state_.batch_in_epoch) {
  if (group_.is_first()) log_.emplace(folder.log(), state_.log_bytes);
  if (state_.update == 0) {
    model_.layout().initialize(model_.values(), static_cast<std::uint64_t>(config_.training.seed));
  } else {
    config_.alignment = with_findings(config_.alignment, folder.path() / "last");
    spdlog::info("resumed from update {}", state_.update);
  }
  group_.broadcast(model_.values());
  updater_.replicas().refresh();
  spdlog::info("model: {} parameters; {} replica{} on {}, {}", model_.layout().num_parameters(),
               pool_.size(), pool_.size() == 1 ? "" : "s", describe_device(model_.device()),
               describe_precision(updater_.precision()));
  if (group_.size() > 1) spdlog::info("one of {} processes", group_.size());
}

void Trainer::run() {
  const InterruptGuard interrupt;
  watch_ = {};
  window_ = {};
  share_at_start_ = share_done();
  if (state_.update == 0)
    write_log("start", {{"parameters", model_.layout().num_parameters()},
                        {"replicas", pool_.size()},
                        {"processes", group_.size()},
                        {"precision", describe_precision(updater_.precision())},
                        {"pairs", data_.train.size()},
                        {"seed", config_.training.seed}});
  std::string reason;
  int signal = 0;
  while (reason = reason_to_stop(), signal = interrupt.signal(), agree_to_go_on(reason, signal)) {
    train_update();
    if (state_.update % config_.training.log_every == 0) report_update();
    if (state_.update % config_.validation.every == 0) validate();
  }
  clear_status();
  if (signal != 0) {
    if (saved_update_ != state_.update) save();
    group_.wait_for_all();  // else the starter would end the first process before it has saved
    throw Interrupted(
        fmt::format("interrupted at update {}, saved in {}; the same command with --resume goes on",
                    state_.update, (folder_.path() / "last").string()),
        signal);
  }
  if (saved_update_ != state_.update) validate();
  write_log("stop", {{"update", state_.update}, {"reason", reason}, {"seconds", seconds()}});
  if (!group_.is_first()) return;
  spdlog::info("done after {} updates, {}: {}; model in {}", state_.update,
               format_duration(seconds()), reason, find_model_folder(folder_.path()).string());
}

bool Trainer::agree_to_go_on(const std::string& reason, int& signal) {
  std::array<double, 2> votes{group_.is_first() && !reason.empty() ? 1.0 : 0.0,
                              static_cast<double>(signal)};
  group_.all_reduce(votes);
  // Sums of signals would be none: which one it was matters little.
  if (signal == 0 && votes[1] > 0.0) signal = SIGTERM;
  return votes[0] == 0.0 && signal == 0;
}

void Trainer::write_log(const std::string& event, nlohmann::ordered_json fields) {
  if (log_) log_->write(event, std::move(fields));
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

void Trainer::train_update() {
  last_ = updater_.run(++state_.update);
  state_.epoch = last_.epoch;
  state_.batch_in_epoch = last_.batch_in_epoch;
  state_.tgt_tokens += last_.tgt_tokens;
  window_.tgt_tokens += last_.tgt_tokens;
  window_.loss = window_.loss.defined() ? window_.loss + last_.loss : last_.loss;
}

double Trainer::share_done() const {
  const TrainingConfig& limits = config_.training;
  double share = static_cast<double>(state_.update) / static_cast<double>(limits.max_updates);
  if (limits.max_minutes > 0) share = std::max(share, seconds() / (60.0 * limits.max_minutes));
  if (limits.max_epochs > 0 && updater_.batches_in_epoch() > 0) {
    const double epochs =
        static_cast<double>(state_.epoch) + static_cast<double>(state_.batch_in_epoch) /
                                                static_cast<double>(updater_.batches_in_epoch());
    share = std::max(share, epochs / static_cast<double>(limits.max_epochs));
  }
  return std::min(share, 1.0);
}

void Trainer::report_update() {
  group_.all_reduce(window_.loss);
  const auto tokens = static_cast<double>(window_.tgt_tokens);
  const at::Tensor losses = (window_.loss / tokens).to(at::kCPU);
  const double loss = losses[0].item<double>();
  const double alignment_loss = losses[1].item<double>();
  const std::string shown_alignment =
      data_.guide ? fmt::format(", alignment {:.3f}", alignment_loss) : "";
  const double rate = tokens / window_.watch.seconds();
  const double gained = share_done() - share_at_start_;
  const double left = gained > 0 ? watch_.seconds() * (1.0 - share_done()) / gained : 0.0;
  const std::string line =
      fmt::format("epoch {}, update {}, loss {:.3f}{}, lr {:.2e}, {:.0f} target tokens/s, {} left",
                  state_.epoch + 1, state_.update, loss, shown_alignment, last_.learning_rate, rate,
                  format_duration(left));
  if (stderr_is_terminal())
    show_status(line);
  else
    spdlog::info("{}", line);
  write_log("update", {{"update", state_.update},
                       {"epoch", state_.epoch + 1},
                       {"loss", loss},
                       {"alignment_loss", alignment_loss},
                       {"learning_rate", last_.learning_rate},
                       {"gradient_norm", last_.gradient_norm.item<double>()},
                       {"tgt_tokens", state_.tgt_tokens},
                       {"tgt_tokens_per_second", rate},
                       {"seconds", seconds()}});
  window_ = {};
}

void Trainer::validate() {
  // Processors of different kinds round differently: everyone goes on from the same parameters.
  group_.broadcast(model_.values());
  updater_.replicas().refresh();
  if (!group_.is_first() || !validation_.has_text()) return save();
  const DevResult result = validation_.run();
  const double score = result.score(config_.validation.metric);
  const bool is_best = state_.best_update == 0 || score > state_.best_score;
  if (is_best) {
    state_.best_score = score;
    state_.best_update = state_.update;
  }
  state_.validations_without_gain = is_best ? 0 : state_.validations_without_gain + 1;
  if (data_.guide) config_.alignment.threshold = result.links.threshold;
  if (result.attention) {
    const auto readings = candidate_readings(config_.model);
    config_.alignment.forward = readings[result.attention->forward];
    if (config_.data.bidirectional) config_.alignment.reverse = readings[result.attention->reverse];
    config_.alignment.agreement = result.attention->agreement;
  }
  clear_status();
  report_validation(result, is_best);
  save();
  window_.watch = {};
}

void Trainer::report_validation(const DevResult& result, bool is_best) {
  std::string line =
      fmt::format("dev after {} updates, {}", state_.update, format_duration(seconds()));
  nlohmann::ordered_json fields{{"update", state_.update}};
  double time = 0.0;
  for (const ValidationResult& direction : result.directions) {
    const bool is_forward = &direction == &result.directions.front();
    line += fmt::format("{} perplexity {:.2f}, BLEU {:.2f}, chrF {:.2f}",
                        is_forward ? ":" : "; back:", direction.perplexity, direction.bleu,
                        direction.chrf);
    nlohmann::ordered_json& target = is_forward ? fields : fields["reverse"];
    target["cross_entropy"] = direction.cross_entropy;
    target["perplexity"] = direction.perplexity;
    target["bleu"] = direction.bleu;
    target["chrf"] = direction.chrf;
    time += direction.seconds;
  }
  if (data_.guide) {
    line += fmt::format("; links of expected F1 {:.1f} %", 100 * result.links.f1);
    fields["alignment_threshold"] = result.links.threshold;
    fields["alignment_expected_f1"] = result.links.f1;
  }
  if (result.attention) {
    line += fmt::format("; attention agrees {:.1f} %", 100 * result.attention->agreement);
    fields["attention_agreement"] = result.attention->agreement;
  }
  spdlog::info("{}{} ({:.1f} s)", line, is_best ? ", the best so far" : "", time);
  fields["best"] = is_best;
  fields["seconds"] = seconds();
  write_log("validation", std::move(fields));
  for (std::size_t d = 0; d < result.directions.size(); ++d)
    show_samples(validation_.validators()[d].dev(), result.directions[d].outputs);
}

void Trainer::show_samples(const std::vector<SentencePair>& dev,
                           const std::vector<std::string>& outputs) {
  const auto count = std::min(static_cast<std::size_t>(config_.validation.samples), dev.size());
  for (std::size_t sample = 0; sample < count; ++sample) {
    const std::size_t i = sample * dev.size() / count;
    spdlog::info("  source    {}", dev[i].src);
    spdlog::info("  reference {}", dev[i].tgt);
    spdlog::info("  heed      {}", outputs[i]);
    write_log("sample", {{"update", state_.update},
                         {"source", dev[i].src},
                         {"reference", dev[i].tgt},
                         {"output", outputs[i]}});
  }
}

void Trainer::save() {
  saved_update_ = state_.update;
  if (!group_.is_first()) return;
  write_log("checkpoint", {{"update", state_.update}});
  TrainingState state = state_;
  state.seconds = seconds();
  state.log_bytes = log_->size();
  folder_.save_checkpoint(config_, data_.tokenizers, model_, optimizer_, state,
                          config_.training.keep_recent);
}

}  // namespace heed
