#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/killed_run.h"
#include "tests/support/run_events.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::vector<std::string> settings(const std::vector<std::string>& list) {
  std::vector<std::string> arguments;
  for (const std::string& setting : list) arguments.insert(arguments.end(), {"--set", setting});
  return arguments;
}

TEST(Regularization, CutOffAnywhereTheRunEndsInTheSameBits) {
  const ToyRun toy;
  // The first 16 updates learn both directions.
  const std::vector<std::string> all = settings(
      {"tokenizer.type=bpe", "regularization.bpe_dropout=0.2", "regularization.consistency=1",
       "regularization.src_word_dropout=0.1", "regularization.tgt_word_dropout=0.1",
       "regularization.reverse_share=0.4", "optimizer.ema_decay=0.9", "optimizer.kind=muon",
       "alignment.guide=hmm", "validation.every=8", "training.keep_recent=9"});
  const ProgramResult whole = toy.train("whole", all);
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  for (const int update : {8, 16, 24}) {
    SCOPED_TRACE(update);
    fs::remove_all(toy.path() / "run");
    fs::copy(toy.path() / "whole", toy.path() / "run",
             fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    for (int later = update + 8; later <= 40; later += 8)
      fs::remove_all(toy.path() / "run" / fmt::format("checkpoints/update-{:08}", later));
    const ProgramResult resumed = toy.train("run", all);
    ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
    EXPECT_THAT(resumed.err, HasSubstr(fmt::format("resumed from update {}", update)));
    expect_same_run(toy, "whole", "run");
  }
}

TEST(Regularization, TheAverageIsWhatIsValidatedAndKept) {
  const ToyRun toy;
  ASSERT_EQ(toy.train("plain").exit_code, 0);
  ASSERT_EQ(toy.train("average", settings({"optimizer.ema_decay=0.99"})).exit_code, 0);
  // The same updates, another model.
  const auto losses = [&](const std::string& run) {
    std::vector<double> values;
    for (const auto& event : events_of(toy.path() / run, "update"))
      values.push_back(event.at("loss"));
    return values;
  };
  EXPECT_EQ(losses("plain"), losses("average"));
  EXPECT_NE(toy.weights("plain"), toy.weights("average"));
  EXPECT_NE(events_of(toy.path() / "plain", "validation").back().at("perplexity"),
            events_of(toy.path() / "average", "validation").back().at("perplexity"));
}

TEST(Regularization, SampledSubwordsAreOtherUpdates) {
  const ToyRun toy;
  ASSERT_EQ(toy.train("plain").exit_code, 0);
  ASSERT_EQ(toy.train("sampled", settings({"regularization.unigram_alpha=0.3"})).exit_code, 0);
  const auto tokens = [&](const std::string& run) {
    return events_of(toy.path() / run, "update").back().at("tgt_tokens").get<std::int64_t>();
  };
  EXPECT_GT(tokens("sampled"), tokens("plain"));
}

TEST(Regularization, LearningBackTakesOneVocabulary) {
  const ToyRun toy;
  const ProgramResult result =
      toy.train("run", settings({"regularization.reverse_share=0.5", "tokenizer.joint=false",
                                 "tokenizer.vocab_size=40", "tokenizer.type=bpe"}));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("regularization.reverse_share takes one vocabulary"));
}

TEST(Regularization, TheScheduleEndsWithTheLastEpoch) {
  const ToyRun toy;
  const std::vector<std::string> epochs =
      settings({"training.max_epochs=3", "training.max_updates=100000", "training.log_every=1",
                "optimizer.schedule=cosine", "validation.every=1000"});
  const ProgramResult result = toy.train("run", epochs);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto updates = events_of(toy.path() / "run", "update");
  EXPECT_LT(updates.back().at("learning_rate").get<double>(), 1e-4);  // of 0.01
  EXPECT_GE(updates.back().at("epoch").get<int>(), 3);
  EXPECT_EQ(events_of(toy.path() / "run", "plan").size(), 1U);
}

TEST(Regularization, TheScheduleEndsWithTheTimeBudget) {
  const ToyRun toy;
  std::vector<std::string> timed = settings(
      {"training.max_updates=10000000", "optimizer.schedule=cosine", "validation.every=1000"});
  timed.insert(timed.end(), {"--time-budget", "6s"});
  const ProgramResult result = toy.train("run", timed);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto updates = events_of(toy.path() / "run", "update");
  EXPECT_LT(updates.back().at("learning_rate").get<double>(), 0.005);  // of 0.01
  EXPECT_GE(events_of(toy.path() / "run", "plan").size(), 1U);
  const double seconds = events_of(toy.path() / "run", "stop").back().at("seconds");
  EXPECT_LT(seconds, 20.0);  // the machine may be busy
}

TEST(Regularization, WithoutAModelSectionTheTextDecides) {
  const ToyRun toy;
  const std::vector<std::string> files{"--train-src", "train.src", "--train-tgt", "train.tgt",
                                       "--dev-src",   "dev.src",   "--dev-tgt",   "dev.tgt"};
  std::vector<std::string> arguments{"train", "--run", "run"};
  arguments.insert(arguments.end(), files.begin(), files.end());
  const auto small = settings({"tokenizer.vocab_size=60", "tokenizer.byte_fallback=false",
                               "training.max_updates=6", "optimizer.warmup_updates=2"});
  arguments.insert(arguments.end(), small.begin(), small.end());
  const ProgramResult result = run_heed(toy.path(), arguments);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("400 pairs"));
  EXPECT_THAT(result.err, HasSubstr("model.d_model=128"));
  const std::string config = read_file(toy.path() / "run/config.toml");
  EXPECT_THAT(config, HasSubstr("vocab_size = 60 "));
  EXPECT_THAT(config, HasSubstr("d_model = 128"));
  // The same command goes on, the choice being the same.
  EXPECT_EQ(run_heed(toy.path(), arguments).exit_code, 0);
}

TEST(Regularization, WithoutDevTextAPartIsHeldOut) {
  const ToyRun toy;
  const auto held = settings({"data.dev_src=[]", "data.dev_tgt=[]", "data.hold_out=30"});
  const ProgramResult result = toy.train("run", held);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(lines_of(read_file(toy.path() / "run/cache/dev.src")).size(), 30U);
  EXPECT_EQ(lines_of(read_file(toy.path() / "run/cache/train.tgt")).size(), 370U);
  EXPECT_EQ(events_of(toy.path() / "run", "start").front().at("pairs"), 370);
  EXPECT_EQ(events_of(toy.path() / "run", "validation").size(), 2U);
  EXPECT_THAT(toy.train("run", held).err, HasSubstr("done after 40 updates"));
}

TEST(Regularization, WithoutTextThereIsNothingToTrain) {
  const ToyRun toy;
  const ProgramResult result = run_heed(toy.path(), {"train", "--run", "run"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--train-src"));
}

}  // namespace
}  // namespace heed
