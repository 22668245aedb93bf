#pragma once

#include <cstdint>
#include <filesystem>

#include "app/config/run_config.h"

namespace heed {

/// What a MarianMTModel folder's config.json (and generation_config.json, tokenizer_config.json,
/// where there are such) says.
struct MarianSettings {
  RunConfig config;             // for heed, but for the sizes of the vocabularies
  std::int64_t src_rows = 0;    // of the table of source embeddings
  std::int64_t tgt_rows = 0;    // of that of target embeddings
  std::int64_t pad_id = 0;      // in the target vocabulary; the decoder starts from it
  std::int64_t eos_id = 0;      // in the target vocabulary
  bool shared = true;           // one table, and one vocabulary, for both sides
  bool tied_output = true;      // the output projection is the target embedding
  bool scale_embedding = true;  // by sqrt(d_model)
};

/// Throws std::runtime_error naming the file, the entry and its value where something is missing,
/// of a wrong type, of another architecture, or of a kind that heed's network is not.
MarianSettings read_marian_settings(const std::filesystem::path& folder);

}  // namespace heed
