#include "app/import/marian_import.h"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

#include "app/config/config_file.h"
#include "app/errors.h"
#include "app/import/marian_settings.h"
#include "app/import/marian_vocabulary.h"
#include "app/import/marian_weights.h"
#include "app/new_folder.h"
#include "data/atomic_file.h"
#include "data/checksums.h"
#include "data/tokenizer_model_check.h"
#include "data/tokenizer_renumbering.h"
#include "model/atomic_folder.h"
#include "model/weight_sizes.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConverter =
    "python3 -c \"from transformers import MarianMTModel as M; "
    "M.from_pretrained('{0}').save_pretrained('{0}')\"";

void require_files(const fs::path& folder) {
  if (!fs::is_directory(folder))
    throw std::runtime_error(fmt::format("{}: no such folder", folder.string()));
  for (const char* name : {"config.json", "vocab.json", "source.spm", "target.spm"})
    if (!fs::exists(folder / name))
      throw std::runtime_error(fmt::format(
          "{}: no {} in it; heed import reads the folder of a Hugging Face MarianMTModel",
          folder.string(), name));
  if (fs::exists(folder / kWeightsFile)) return;
  if (fs::exists(folder / "pytorch_model.bin"))
    throw std::runtime_error(fmt::format(
        "{}: its weights are in pytorch_model.bin, a Python pickle, which heed "
        "does not read; make a {} of it with\n  {}",
        folder.string(), kWeightsFile, fmt::format(fmt::runtime(kConverter), folder.string())));
  throw std::runtime_error(fmt::format("{}: no {} in it", folder.string(), kWeightsFile));
}

void write_tokenizer(const fs::path& spm, const MarianVocabulary& vocabulary,
                     const fs::path& target) {
  const std::string model = read_tokenizer_model(spm);
  try {
    check_tokenizer_model(model);
    write_file_atomically(target, renumber_tokenizer(model, vocabulary.pieces));
  } catch (const std::exception& error) {
    throw std::runtime_error(fmt::format("{}: {}", spm.string(), error.what()));
  }
}

/// Before memory is asked for by what the configuration says.
void check_sizes(MarianSettings& settings, const SafetensorsFile& weights) {
  TransformerConfig& model = settings.config.model;
  model.src_vocab_size = settings.src_rows;
  model.tgt_vocab_size = settings.tgt_rows;
  model.validate();
  check_weight_count(weights, model);
  if (!settings.shared)
    check_shape(weights, "model.decoder.embed_tokens.weight",
                std::array{settings.tgt_rows, model.d_model});
}

/// The configuration's part on tokenizers is about how they were made; what is known is said.
void describe_vocabularies(RunConfig& config, const MarianVocabulary& src,
                           const MarianVocabulary& tgt) {
  config.model.src_vocab_size = src.size();
  config.model.tgt_vocab_size = tgt.size();
  config.tokenizer.joint = false;
  config.tokenizer.vocab_size = src.size();
  config.tokenizer.tgt_vocab_size = tgt.size();
}

}  // namespace

ImportReport import_marian(const fs::path& source, const fs::path& target) {
  require_new(target);
  require_files(source);
  MarianSettings settings = read_marian_settings(source);
  const SafetensorsFile weights(source / kWeightsFile);
  check_sizes(settings, weights);
  const MarianSpecialIds special{settings.pad_id, settings.eos_id};
  const MarianVocabulary src =
      read_marian_vocabulary(source / "vocab.json", settings.src_rows,
                             settings.shared ? std::optional(special) : std::nullopt);
  const MarianVocabulary tgt =
      settings.shared
          ? src
          : read_marian_vocabulary(source / "target_vocab.json", settings.tgt_rows, special);
  describe_vocabularies(settings.config, src, tgt);
  TransformerModel model(settings.config.model);
  import_marian_weights(weights, settings, src, tgt, model);

  AtomicFolder folder(target);
  write_tokenizer(source / "source.spm", src, folder.path() / kSrcTokenizerFile);
  write_tokenizer(source / "target.spm", tgt, folder.path() / kTgtTokenizerFile);
  write_file_atomically(folder.path() / kConfigFile, format_config(settings.config));
  model.save(folder.path() / kWeightsFile);
  ModelBundle::load(folder.path());  // what heed could not read must not stand there
  write_checksums(folder.path());
  folder.commit();
  return {settings.config, model.layout().num_parameters(),
          src.unnamed_rows + (settings.shared ? 0 : tgt.unnamed_rows)};
}

}  // namespace heed
