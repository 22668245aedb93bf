#include "app/train/training_report.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "app/progress.h"

namespace heed {

void TrainingReport::log(const std::string& event, nlohmann::ordered_json fields) {
  if (log_) log_->write(event, std::move(fields));
}

std::uintmax_t TrainingReport::sync_log() {
  if (!log_) return 0;
  log_->sync();
  return log_->size();
}

void TrainingReport::updates(const TrainingState& state, bool has_alignment, double learning_rate,
                             double gradient_norm, double left) {
  const LossWindow& window = state.window;
  const auto tokens = static_cast<double>(std::max<std::int64_t>(1, window.tgt_tokens));
  const double loss = window.loss / tokens;
  const double alignment_loss = window.alignment_loss / tokens;
  const double rate = tokens / window.seconds;
  const std::string line =
      fmt::format("epoch {}, update {}, loss {:.3f}{}, lr {:.2e}, {:.0f} target tokens/s, {} left",
                  state.epoch + 1, state.update, loss,
                  has_alignment ? fmt::format(", alignment {:.3f}", alignment_loss) : "",
                  learning_rate, rate, format_duration(left));
  if (stderr_is_terminal())
    show_status(line);
  else
    spdlog::info("{}", line);
  log("update", {{"update", state.update},
                 {"epoch", state.epoch + 1},
                 {"loss", loss},
                 {"alignment_loss", alignment_loss},
                 {"divergence", window.divergence / tokens},
                 {"learning_rate", learning_rate},
                 {"gradient_norm", gradient_norm},
                 {"tgt_tokens", state.tgt_tokens},
                 {"tgt_tokens_per_second", rate},
                 {"seconds", state.seconds}});
}

void TrainingReport::validation(const TrainingState& state, const DevResult& result, bool has_guide,
                                bool is_best) {
  std::string line =
      fmt::format("dev after {} updates, {}", state.update, format_duration(state.seconds));
  nlohmann::ordered_json fields{{"update", state.update}};
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
  if (has_guide) {
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
  fields["seconds"] = state.seconds;
  log("validation", std::move(fields));
}

void TrainingReport::samples(std::int64_t update, std::int64_t count,
                             const std::vector<SentencePair>& dev,
                             const std::vector<std::string>& outputs) {
  const auto shown = std::min(static_cast<std::size_t>(count), dev.size());
  for (std::size_t sample = 0; sample < shown; ++sample) {
    const std::size_t i = sample * dev.size() / shown;
    spdlog::info("  source    {}", dev[i].src);
    spdlog::info("  reference {}", dev[i].tgt);
    spdlog::info("  heed      {}", outputs[i]);
    log("sample", {{"update", update},
                   {"source", dev[i].src},
                   {"reference", dev[i].tgt},
                   {"output", outputs[i]}});
  }
}

}  // namespace heed
