#pragma once

#include <filesystem>

#include "app/model_bundle.h"

namespace heed {

struct ImportReport {
  RunConfig config;  // of the model that was written
  std::int64_t parameters = 0;
  std::size_t unnamed_rows = 0;  // embeddings that no piece has, of both sides
};

/// Reads the folder of a Hugging Face MarianMTModel (config.json, model.safetensors, vocab.json,
/// source.spm, target.spm; with separate vocabularies target_vocab.json) and writes a model folder
/// of heed, `target`, whole or not at all. It gives the same probabilities, splits text into the
/// same pieces. Throws std::runtime_error naming the file and what is wrong with it, UsageError
/// when `target` exists and is not empty.
ImportReport import_marian(const std::filesystem::path& source,
                           const std::filesystem::path& target);

}  // namespace heed
