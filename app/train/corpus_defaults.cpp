#include "app/train/corpus_defaults.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "data/parallel_corpus.h"
#include "data/script_profile.h"
#include "data/utf8.h"

namespace heed {
namespace {

/// Letters of a side by their writing system.
class Letters {
 public:
  void add(const std::string& text) {
    for (std::size_t position = 0; position < text.size();)
      ++counts_[writing_of(next_code_point(text, position))];
  }

  /// The one that most letters are of.
  Writing most() const {
    const auto first = counts_.begin() + kNoWriting + 1;
    return static_cast<Writing>(std::max_element(first, counts_.end()) - counts_.begin());
  }

 private:
  std::array<std::uint64_t, kNumWritings> counts_{};
};

/// A model and how it is trained, for texts of up to so many pairs.
struct Recipe {
  std::size_t pairs;
  std::int64_t vocab_size;
  std::int64_t layers;
  std::int64_t d_model;
  std::int64_t ffn_size;
  std::int64_t heads;
  const char* positions;
  double dropout;
  const char* optimizer;
  double weight_decay;
  double learning_rate;
  std::int64_t warmup_updates;
  std::int64_t max_tokens;
  std::int64_t epochs;
};

// On attention weights and inside of feed-forward layers: with 0.3, as elsewhere, Multi30k lost 2.8
// BLEU on dev text after 40 epochs.
constexpr double kInnerDropout = 0.1;

// Up to 120,000 pairs: Multi30k in float, seed 1, dropout 0.2; published BLEU on dev text (beam 5)
// and perplexity. After 10,000 updates (40 epochs) with sinusoids and feed-forward layers of 256:
// Muon with a decay of 0.1 42.2 and 4.75, Muon with 0.05 41.4 and 4.90, Adam with 0.05 41.5 and
// 4.98. After 3,000 updates with Muon and rotary positions: layers of 256 40.1 and 5.43, of 512
// 40.5 and 5.30 in 1.15 times the time. As below, in 60 minutes on 2 cores: 42.8 and 4.40. Fewer
// pairs than 15,000 were not measured.
constexpr std::size_t kMeasured = 120'000;
constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();
constexpr std::array kRecipes{
    Recipe{15'000, 4000, 3, 128, 256, 4, "rotary", 0.3, "muon", 0.1, 0.004, 500, 2048, 120},
    Recipe{kMeasured, 8000, 4, 128, 512, 4, "rotary", 0.2, "muon", 0.1, 0.004, 1000, 2048, 100},
    Recipe{500'000, 10000, 4, 256, 1024, 4, "sinusoidal", 0.2, "adam", 0.0, 0.002, 2000, 4096, 50},
    Recipe{5'000'000, 16000, 6, 512, 2048, 8, "sinusoidal", 0.1, "adam", 0.0, 0.0007, 4000, 8192,
           30},
    Recipe{kAny, 32000, 6, 512, 2048, 8, "sinusoidal", 0.1, "adam", 0.0, 0.0007, 4000, 16384, 10},
};

const Recipe& recipe_for(std::size_t pairs) {
  return *std::find_if(kRecipes.begin(), kRecipes.end(),
                       [pairs](const Recipe& recipe) { return pairs <= recipe.pairs; });
}

}  // namespace

CorpusFacts measure_corpus(const DataConfig& data) {
  CorpusFacts facts;
  Letters src;
  Letters tgt;
  const ParallelFiles files{{data.train_src.begin(), data.train_src.end()},
                            {data.train_tgt.begin(), data.train_tgt.end()},
                            {data.train_tsv.begin(), data.train_tsv.end()}};
  facts.pairs = read_parallel(files, [&](SentencePair&& pair) {
                  src.add(pair.src);
                  tgt.add(pair.tgt);
                }).pairs_kept;
  facts.has_dev = !data.dev_src.empty() || !data.dev_tsv.empty();
  facts.shares_letters = src.most() == tgt.most();
  return facts;
}

std::vector<ChosenSettings> choose_settings(const CorpusFacts& facts) {
  const Recipe& r = recipe_for(facts.pairs);
  const bool is_joint = facts.shares_letters;
  std::vector<ChosenSettings> chosen;
  chosen.push_back(
      {{fmt::format("tokenizer.vocab_size={}", r.vocab_size), "tokenizer.type=bpe",
        fmt::format("tokenizer.joint={}", is_joint),
        fmt::format("model.tying={}", is_joint ? "all" : "decoder")},
       is_joint ? "both sides share most of their letters, so they share their subwords"
                : "the sides are written in different letters, so each has subwords of its own"});
  chosen.push_back(
      {{fmt::format("model.encoder_layers={}", r.layers),
        fmt::format("model.decoder_layers={}", r.layers),
        fmt::format("model.d_model={}", r.d_model), fmt::format("model.ffn_size={}", r.ffn_size),
        fmt::format("model.num_heads={}", r.heads)},
       fmt::format("{} pairs", facts.pairs)});
  chosen.push_back({{fmt::format("model.positions={}", r.positions),
                     fmt::format("optimizer.kind={}", r.optimizer)},
                    facts.pairs <= kMeasured
                        ? "measured to learn a small text best"
                        : "as first published; of so much text none was measured"});
  std::vector<std::string> regularizers{fmt::format("optimizer.weight_decay={}", r.weight_decay)};
  for (const char* place : {"embedding", "residual"})
    regularizers.push_back(fmt::format("model.{}_dropout={}", place, r.dropout));
  for (const char* place : {"attention", "ffn"})
    regularizers.push_back(
        fmt::format("model.{}_dropout={}", place, std::min(r.dropout, kInnerDropout)));
  chosen.push_back({std::move(regularizers), r.dropout > kInnerDropout
                                                 ? "a small text is learnt by heart soon"
                                                 : "so much text is hardly learnt by heart"});
  chosen.push_back(
      {{fmt::format("training.max_tokens={}", r.max_tokens), "optimizer.schedule=cosine",
        fmt::format("optimizer.learning_rate={}", r.learning_rate),
        fmt::format("optimizer.warmup_updates={}", r.warmup_updates),
        fmt::format("training.max_epochs={}", r.epochs), "training.max_updates=100000000"},
       "the rate falls to 0 as the run ends"});
  if (!facts.has_dev)
    chosen.push_back(
        {{fmt::format("data.hold_out={}", std::min<std::size_t>(1000, facts.pairs / 20))},
         "no text to validate on is given"});
  return chosen;
}

}  // namespace heed
