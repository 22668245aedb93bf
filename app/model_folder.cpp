#include "app/model_folder.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <future>
#include <stdexcept>

#include "app/config/config_file.h"
#include "app/errors.h"
#include "data/checksums.h"
#include "model/safetensors_file.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

RunConfig read_model_config(const fs::path& path) {
  // A model that was downloaded is but data: a pipe or a device in it is not waited for.
  if (fs::exists(path) && !fs::is_regular_file(path))
    throw std::runtime_error(fmt::format("{}: not a regular file", path.string()));
  // What a model folder holds was not typed by the user: a fault in it is no wrong usage.
  try {
    RunConfig config = read_config(path);
    config.model.validate();
    return config;
  } catch (const std::exception& error) {
    throw std::runtime_error(fmt::format("{} (the model's configuration)", error.what()));
  }
}

void check_vocabulary(const fs::path& folder, const char* side, const Tokenizer& tokenizer,
                      std::int64_t expected) {
  if (tokenizer.vocab_size() != expected)
    throw std::runtime_error(
        fmt::format("{}: the {} tokenizer has {} pieces, the model was trained with {}; they don't "
                    "belong together",
                    folder.string(), side, tokenizer.vocab_size(), expected));
}

/// A model with a bit flipped translates, only not as it was trained to: its end warns of that. It
/// reads every byte, in a thread of its own beside those who load them.
class DamageCheck {
 public:
  explicit DamageCheck(const fs::path& folder)
      : folder_(folder), damage_(std::async(std::launch::async, [folder] {
          // The configuration may have been changed by hand.
          std::error_code unreadable;
          return fs::exists(folder / kChecksumFile, unreadable)
                     ? find_damage(folder, {kWeightsFile, ".spm"})
                     : std::string();
        })) {}
  DamageCheck(const DamageCheck&) = delete;
  DamageCheck& operator=(const DamageCheck&) = delete;

  ~DamageCheck() {
    const std::string damage = damage_.get();
    if (!damage.empty())
      spdlog::warn("{}: {}; it is not what heed wrote", folder_.string(), damage);
  }

 private:
  fs::path folder_;
  std::future<std::string> damage_;
};

/// A configuration of the other direction.
void turn(RunConfig& config, const fs::path& folder) {
  DataConfig& data = config.data;
  if (!data.bidirectional)
    throw UsageError(fmt::format(
        "{} translates in one direction{}; heed train --bidirectional "
        "makes models for both",
        folder.string(),
        data.src_lang.empty() ? "" : fmt::format(", from {} to {}", data.src_lang, data.tgt_lang)));
  std::swap(data.src_lang, data.tgt_lang);
  std::swap(config.alignment.forward, config.alignment.reverse);
}

}  // namespace

void Tokenizers::save(const fs::path& folder) const {
  if (joint()) return src.save(folder / kJointTokenizerFile);
  src.save(folder / kSrcTokenizerFile);
  tgt.save(folder / kTgtTokenizerFile);
}

Tokenizers Tokenizers::load(const fs::path& folder) {
  if (fs::exists(folder / kJointTokenizerFile)) {
    const Tokenizer joint = Tokenizer::load(folder / kJointTokenizerFile);
    return {joint, joint};
  }
  return {Tokenizer::load(folder / kSrcTokenizerFile), Tokenizer::load(folder / kTgtTokenizerFile)};
}

bool Tokenizers::exist_in(const fs::path& folder) {
  return fs::exists(folder / kJointTokenizerFile) ||
         (fs::exists(folder / kSrcTokenizerFile) && fs::exists(folder / kTgtTokenizerFile));
}

fs::path find_model_folder(const fs::path& path) {
  for (const fs::path& folder : {path, path / "best", path / "last"})
    if (fs::exists(folder / kWeightsFile)) return folder;
  if (!fs::exists(path)) throw std::runtime_error(fmt::format("{}: no such folder", path.string()));
  throw std::runtime_error(
      fmt::format("{}: no {} in it, nor in {}/best or {}/last; train one with heed train",
                  path.string(), kWeightsFile, path.string(), path.string()));
}

fs::path ModelFolder::weights() const {
  return folder / kWeightsFile;
}

ModelFolder ModelFolder::load(const fs::path& path, Direction direction) {
  const fs::path folder = find_model_folder(path);
  const DamageCheck check(folder);
  RunConfig config = read_model_config(folder / kConfigFile);
  Tokenizers tokenizers = Tokenizers::load(folder);
  check_vocabulary(folder, "source", tokenizers.src, config.model.src_vocab_size);
  check_vocabulary(folder, "target", tokenizers.tgt, config.model.tgt_vocab_size);
  if (direction == Direction::kReverse) turn(config, folder);
  return {folder, std::move(config), std::move(tokenizers), direction};
}

}  // namespace heed
