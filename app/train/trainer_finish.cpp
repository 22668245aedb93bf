#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "app/train/length_choice.h"
#include "app/train/trainer.h"
#include "model/safetensors_file.h"

// What is left to do once the last update is done.

namespace heed {

namespace fs = std::filesystem;

void Trainer::finish(const std::string& reason) {
  if (!state_.is_validated()) validate();
  report_.log("stop", {{"update", state_.update}, {"reason", reason}, {"seconds", seconds()}});
  if (!group_.is_first()) return;
  if (state_.skipped_updates > 0)
    spdlog::warn("{} of {} updates were skipped: their loss or gradient was not finite",
                 state_.skipped_updates, state_.update);
  choose_length_penalties();
  spdlog::info("done after {} updates, {}: {}; model in {}", state_.update,
               format_duration(seconds()), reason, find_model_folder(folder_.path()).string());
}

bool Trainer::chooses_length_penalty() const {
  return config_.validation.choose_length_penalty && validation_.can_choose_length_penalty();
}

void Trainer::choose_length_penalties() {
  if (!chooses_length_penalty()) return;
  const double of_last = choose_length_penalty(folder_.checkpoint(state_.update));
  const fs::path best = folder_.checkpoint(state_.best_update);
  if (state_.best_update == state_.update || !fs::exists(best)) return;
  // Validation's quick search has made it the best of all; the search that will be used is asked
  // about the two that are left.
  const double of_best = choose_length_penalty(best);
  if (config_.validation.metric == ValidationMetric::kPerplexity || of_last <= of_best) return;
  spdlog::info("with beam {} the last model is better than the best so far: best is the last now",
               config_.search.beam_size);
  folder_.point_best_at(state_.update);
}

double Trainer::choose_length_penalty(const fs::path& folder) {
  model_.load(SafetensorsFile(folder / kWeightsFile));
  const std::vector<double> scores = validation_.score_length_penalties();
  const double present = config_.search.length_penalty;
  const LengthChoice choice = heed::choose_length_penalty(scores, present);
  spdlog::info("{}: a length penalty of {} is best on dev text with beam {}, {} {:.2f}",
               folder.filename().string(), choice.length_penalty, config_.search.beam_size,
               config_.validation.metric == ValidationMetric::kChrf ? "chrF" : "BLEU",
               choice.score);
  report_.log("length_penalty", {{"checkpoint", folder.filename().string()},
                                 {"length_penalty", choice.length_penalty},
                                 {"tried", kLengthPenalties},
                                 {"scores", scores}});
  set_length_penalty(folder, choice.length_penalty);
  return choice.score;
}

}  // namespace heed
