#include "app/train/training_state.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "data/atomic_file.h"

namespace heed {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TimePlan, max_updates, warmup_updates, from_update, from_share,
                                   max_epochs, max_minutes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LossWindow, loss, alignment_loss, divergence, tgt_tokens,
                                   seconds)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TrainingState, update, epoch, batch_in_epoch, tgt_tokens,
                                   seconds, window, best_score, best_update,
                                   validations_without_gain, validated_update, score,
                                   skipped_updates, skipped_in_a_row, rate_scale, plan, learns_back,
                                   precision, replicas, part_tokens, text_hash, log_bytes)

void TrainingState::save(const std::filesystem::path& path) const {
  write_file_atomically(path, nlohmann::json(*this).dump(2) + "\n");
}

TrainingState TrainingState::load(const std::filesystem::path& path) {
  if (!std::filesystem::is_regular_file(path))  // a pipe would be waited for
    throw std::runtime_error(fmt::format("{}: there is no such file", path.string()));
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error(fmt::format("{}: can't be read", path.string()));
  try {
    return nlohmann::json::parse(in).get<TrainingState>();
  } catch (const nlohmann::json::exception& error) {
    throw std::runtime_error(
        fmt::format("{}: not a training state ({})", path.string(), error.what()));
  }
}

}  // namespace heed
