#pragma once

#include <filesystem>
#include <optional>

#include "app/model_bundle.h"
#include "app/train/training_state.h"
#include "model/optimizer.h"

namespace heed {

/// A run's folder:
///   config.toml, log.jsonl, the tokenizers, cache/
///   checkpoints/update-00000500/   a model folder with training.safetensors and training.json
///   last, best                     links to checkpoints
class RunFolder {
 public:
  /// Created where missing.
  explicit RunFolder(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path log() const { return path_ / "log.jsonl"; }
  std::filesystem::path cache() const { return path_ / "cache"; }
  bool has_checkpoint() const;

  /// Writes a checkpoint whole, then points `last` (and `best` when `state` says so) at it and
  /// removes those that are neither these nor among the `keep_recent` newest.
  void save_checkpoint(const RunConfig& config, const Tokenizers& tokenizers,
                       const TransformerModel& model, const Adam& optimizer,
                       const TrainingState& state, std::int64_t keep_recent) const;

  /// Fills model and optimizer from `last`. Throws std::runtime_error naming what is wrong.
  TrainingState load_checkpoint(TransformerModel& model, Adam& optimizer) const;

 private:
  void remove_old(std::int64_t keep_recent) const;

  std::filesystem::path path_;
};

}  // namespace heed
