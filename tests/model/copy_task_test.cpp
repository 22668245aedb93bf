// The whole of model/ on a task with a known answer: repeat the source.

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <random>

#include "model/adam.h"
#include "model/beam_search.h"
#include "model/schedule.h"
#include "model/transformer_scorer.h"
#include "tests/support/tiny_model.h"

namespace heed {
namespace {

constexpr std::int64_t kVocab = 12;
constexpr std::size_t kLongest = 8;
constexpr std::int64_t kUpdates = 800;

Sentences draw(std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<std::size_t> lengths(count);
  for (std::size_t& length : lengths) length = 1 + random() % kLongest;
  return random_sentences(lengths, kVocab, seed + 1);
}

TransformerConfig copy_config() {
  TransformerConfig config = tiny_config();
  config.encoder_layers = config.decoder_layers = 1;
  config.d_model = 32;
  config.num_heads = 4;
  config.ffn_size = 64;
  config.positions = PositionEncoding::kLearned;
  return config;
}

/// Trains on random sentences; returns the mean loss of a token at the last update.
double train(TinyModel& tiny) {
  ScheduleOptions schedule;
  schedule.learning_rate = 0.006;
  schedule.warmup_updates = 100;
  Adam adam({}, tiny.model.values());
  double mean_loss = 0.0;
  for (std::int64_t update = 1; update <= kUpdates; ++update) {
    const Sentences batch = draw(32, static_cast<std::uint32_t>(1000 + 2 * update));
    const Pairs pairs(batch, batch);
    const auto tokens = static_cast<double>(pairs.tgt_out.packing.rows());
    tiny.grads.zero_();
    const double loss = forward_backward(*tiny.replica, pairs, /*smoothing=*/0.0);
    adam.step(tiny.model.values(), tiny.grads, 1.0 / tokens, learning_rate(schedule, update),
              update);
    mean_loss = loss / tokens;
  }
  return mean_loss;
}

TEST(CopyTaskTest, IsLearntInFull) {
  const int threads = at::get_num_threads();
  at::set_num_threads(1);  // so that the run is the same everywhere
  TinyModel tiny(copy_config());
  tiny.model.layout().initialize(tiny.model.values(), 1);
  EXPECT_LT(train(tiny), 0.01);

  const Sentences unseen = draw(50, 7);
  TransformerScorer scorer(tiny.transformer(), kTestEos);
  const auto found = beam_search(scorer, unseen, SearchOptions{});
  for (std::size_t index = 0; index < unseen.size(); ++index)
    EXPECT_EQ(found[index].at(0).tokens, unseen[index]) << "sentence " << index;
  at::set_num_threads(threads);
}

}  // namespace
}  // namespace heed
