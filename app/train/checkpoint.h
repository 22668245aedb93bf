#pragma once

#include <filesystem>

#include "app/model_bundle.h"
#include "app/train/training_state.h"
#include "model/adam.h"

namespace heed {

/// A folder that training can go on from: a model folder with training.safetensors (the optimizer's
/// moments, and the weights, where the model's are their moving average), training.json (the state)
/// and checksums.sfv.
struct Checkpoint {
  std::filesystem::path folder;
  TrainingState state;
};

inline constexpr const char* kStateFile = "training.json";

/// While it lives the model has the moving average of its weights, where the optimizer keeps one.
class AveragedWeights {
 public:
  AveragedWeights(const TransformerModel& model, Adam& optimizer);
  ~AveragedWeights();
  AveragedWeights(const AveragedWeights&) = delete;
  AveragedWeights& operator=(const AveragedWeights&) = delete;

 private:
  const TransformerModel& model_;
  Adam& optimizer_;
};

/// Writes a checkpoint whole, or, with std::runtime_error naming the reason, not at all.
void save_checkpoint(const Checkpoint& checkpoint, const RunConfig& config,
                     const Tokenizers& tokenizers, const TransformerModel& model, Adam& optimizer);

/// Changes the setting of a checkpoint, in one step.
void set_length_penalty(const std::filesystem::path& folder, double length_penalty);

/// Fills model and optimizer. Throws std::runtime_error naming what is wrong.
void load_checkpoint(const std::filesystem::path& folder, TransformerModel& model, Adam& optimizer);

}  // namespace heed
