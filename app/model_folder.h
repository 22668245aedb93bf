#pragma once

#include <filesystem>

#include "app/config/run_config.h"
#include "data/direction.h"
#include "data/tokenizer.h"

namespace heed {

inline constexpr const char* kConfigFile = "config.toml";
inline constexpr const char* kJointTokenizerFile = "joint.spm";
inline constexpr const char* kSrcTokenizerFile = "src.spm";
inline constexpr const char* kTgtTokenizerFile = "tgt.spm";

/// The tokenizers of a model; with a joint one both are the same.
struct Tokenizers {
  Tokenizer src;
  Tokenizer tgt;

  bool joint() const { return src.hash() == tgt.hash(); }
  /// Writes joint.spm, or src.spm and tgt.spm, into `folder`.
  void save(const std::filesystem::path& folder) const;
  /// Reads what `save` wrote.
  static Tokenizers load(const std::filesystem::path& folder);
  static bool exist_in(const std::filesystem::path& folder);
};

/// What a model folder holds beside the weights: config.toml, the SentencePiece model or models.
struct ModelFolder {
  std::filesystem::path folder;
  RunConfig config;
  Tokenizers tokenizers;
  Direction direction = Direction::kForward;  // which `config`, too, is put for

  std::filesystem::path weights() const;

  /// `path` is a model folder or a run folder, whose `best` (else `last`) model is then taken.
  /// Throws std::runtime_error naming what is missing or foreign, UsageError when the model has no
  /// reverse direction; warns when weights or tokenizers differ from their checksums.
  static ModelFolder load(const std::filesystem::path& path,
                          Direction direction = Direction::kForward);
};

/// The model folder that `path` stands for, see ModelFolder::load.
std::filesystem::path find_model_folder(const std::filesystem::path& path);

}  // namespace heed
