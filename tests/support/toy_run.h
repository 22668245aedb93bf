#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "tests/support/run_heed.h"

namespace heed {

/// A file that is no text: where two differ, a test shows their sizes and digests.
struct BinaryFile {
  std::string bytes;

  bool operator==(const BinaryFile&) const = default;
  friend void PrintTo(const BinaryFile& file, std::ostream* out) {
    *out << file.bytes.size() << " bytes, digest " << std::hash<std::string>{}(file.bytes);
  }
};

/// A folder with a toy corpus (words in reverse order, spelt in capitals) and its configuration.
/// The model is tiny: made to run, not to translate well.
class ToyRun {
 public:
  ToyRun() {
    write_corpus("train", 400, 1);
    write_corpus("dev", 20, 2);
    write_file(folder_.path() / "toy.toml", kConfig);
  }

  const std::filesystem::path& path() const { return folder_.path(); }

  /// Trains into `run`, with further arguments.
  ProgramResult train(const std::string& run, std::vector<std::string> arguments = {}) const {
    arguments.insert(arguments.begin(), {"train", "toy.toml", "--run", run});
    return run_heed(path(), arguments);
  }

  /// Of the last checkpoint.
  BinaryFile weights(const std::string& run) const { return last(run, "model.safetensors"); }
  /// What the optimizer has gathered up to there.
  BinaryFile moments(const std::string& run) const { return last(run, "training.safetensors"); }

 private:
  static constexpr const char* kConfig =
      "[data]\ntrain_src = 'train.src'\ntrain_tgt = 'train.tgt'\n"
      "dev_src = 'dev.src'\ndev_tgt = 'dev.tgt'\n"
      "[tokenizer]\nvocab_size = 60\nbyte_fallback = false\n"
      "[model]\nencoder_layers = 1\ndecoder_layers = 2\nd_model = 16\nnum_heads = 2\nffn_size = "
      "32\n"
      "[optimizer]\nlearning_rate = 0.01\nwarmup_updates = 10\n"
      "[training]\nmax_tokens = 256\nmax_updates = 40\nthreads = 2\nlog_every = 10\n"
      "[validation]\nevery = 20\nsamples = 1\n";

  BinaryFile last(const std::string& run, const std::string& file) const {
    return {read_file(path() / run / "last" / file)};
  }

  void write_corpus(const std::string& name, int pairs, unsigned seed) const {
    static const std::vector<std::string> words{"ba", "ko", "mi", "du", "re", "no", "fa", "lu"};
    std::string src;
    std::string tgt;
    std::uint64_t state = seed;
    const auto draw = [&state](std::size_t below) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      return static_cast<std::size_t>(state >> 33) % below;
    };
    for (int pair = 0; pair < pairs; ++pair) {
      std::string forward;
      std::string backward;
      for (std::size_t length = 1 + draw(6); length > 0; --length) {
        const std::string& word = words[draw(words.size())];
        std::string capitals = word;
        for (char& c : capitals) c = static_cast<char>(c - 'a' + 'A');
        forward += (forward.empty() ? "" : " ") + word;
        backward = capitals + (backward.empty() ? "" : " ") + backward;
      }
      src += forward + "\n";
      tgt += backward + "\n";
    }
    write_file(folder_.path() / (name + ".src"), src);
    write_file(folder_.path() / (name + ".tgt"), tgt);
  }

  TemporaryFolder folder_;
};

}  // namespace heed
