#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "app/config/config_file.h"
#include "data/checksums.h"
#include "tests/support/run_events.h"
#include "tests/support/toy_run.h"

namespace heed {
namespace {

using ::testing::HasSubstr;

TEST(Train, WritesAModelFolderThatCanBeDescribed) {
  const ToyRun toy;
  const ProgramResult result = toy.train("run");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "");
  for (const char* file : {"config.toml", "model.safetensors", "joint.spm", "training.json"})
    EXPECT_TRUE(std::filesystem::exists(toy.path() / "run" / "last" / file)) << file;
  EXPECT_TRUE(std::filesystem::exists(toy.path() / "run" / "best" / "model.safetensors"));
  EXPECT_THAT(run_heed_well(toy.path(), {"info", "run"}), HasSubstr("40 updates"));
  EXPECT_THAT(run_heed_well(toy.path(), {"info", "--model", "run"}), HasSubstr("40 updates"));
}

TEST(Train, LogsOneJsonObjectAnEvent) {
  const ToyRun toy;
  ASSERT_EQ(toy.train("run").exit_code, 0);
  std::multiset<std::string> events;
  for (const nlohmann::json& event : events_of(toy.path() / "run"))
    events.insert(event.at("event").get<std::string>());
  const std::multiset<std::string> expected{"start",      "update",     "update",     "update",
                                            "update",     "validation", "sample",     "checkpoint",
                                            "validation", "sample",     "checkpoint", "stop"};
  EXPECT_EQ(events, expected);
}

TEST(Train, EndsByChoosingTheLengthPenaltyByDevText) {
  const ToyRun toy;
  // The toy's own dev text has too few pairs to choose by.
  const std::vector<std::string> more_dev{"--set", "data.dev_src=train.src", "--set",
                                          "data.dev_tgt=train.tgt"};
  ASSERT_EQ(toy.train("run", more_dev).exit_code, 0);
  const auto choices = events_of(toy.path() / "run", "length_penalty");
  EXPECT_GE(choices.size(), 1U);
  for (const nlohmann::json& event : choices) {
    const auto tried = event.at("tried").get<std::vector<double>>();
    const auto scores = event.at("scores").get<std::vector<double>>();
    const double present = scores.at(2);
    const auto best = std::max_element(scores.begin(), scores.end());
    const double expected = *best > present ? tried.at(best - scores.begin()) : 1.0;
    EXPECT_EQ(event.at("length_penalty"), expected);
    const auto folder =
        toy.path() / "run" / "checkpoints" / event.at("checkpoint").get<std::string>();
    EXPECT_EQ(read_config(folder / "config.toml").search.length_penalty, expected);
    EXPECT_EQ(find_damage(folder), "");
  }
  // The same command finds a run that has ended, of the same configuration.
  EXPECT_EQ(toy.train("run", more_dev).exit_code, 0);
}

TEST(Train, BestIsTheLastWhereTheBeamFindsItBetter) {
  const ToyRun toy;
  std::set<bool> seen;
  for (int seed = 1; seed <= 20 && seen.size() < 2; ++seed) {
    const std::string run = "run" + std::to_string(seed);
    const ProgramResult result =
        toy.train(run, {"--set", "data.dev_src=train.src", "--set", "data.dev_tgt=train.tgt",
                        "--set", "validation.every=4", "--set", "optimizer.learning_rate=0.03",
                        "--set", "training.seed=" + std::to_string(seed)});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    std::map<std::string, double> beam_scores;
    for (const nlohmann::json& event : events_of(toy.path() / run, "length_penalty")) {
      const auto scores = event.at("scores").get<std::vector<double>>();
      beam_scores[event.at("checkpoint")] = *std::max_element(scores.begin(), scores.end());
    }
    if (beam_scores.size() < 2) continue;  // the last was the best already
    const auto link = [&](const char* name) {
      return std::filesystem::read_symlink(toy.path() / run / name).filename().string();
    };
    const std::string last = link("last");
    const std::string earlier = beam_scores.begin()->first;  // names sort by updates
    const bool is_last_better = beam_scores.at(last) > beam_scores.at(earlier);
    EXPECT_EQ(link("best"), is_last_better ? last : earlier) << "seed " << seed;
    seen.insert(is_last_better);
  }
  EXPECT_EQ(seen.size(), 2U);  // both happened
}

TEST(Train, ALengthPenaltyThatIsGivenStays) {
  const ToyRun toy;
  const ProgramResult result =
      toy.train("run", {"--set", "data.dev_src=train.src", "--set", "data.dev_tgt=train.tgt",
                        "--set", "search.length_penalty=0.7"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(read_config(toy.path() / "run/last/config.toml").search.length_penalty, 0.7);
}

TEST(Train, SameSeedGivesTheSameBits) {
  const ToyRun toy;
  ASSERT_EQ(toy.train("one").exit_code, 0);
  ASSERT_EQ(toy.train("two").exit_code, 0);
  ASSERT_EQ(toy.train("other", {"--set", "training.seed=2"}).exit_code, 0);
  EXPECT_EQ(toy.weights("one"), toy.weights("two"));
  EXPECT_NE(toy.weights("one"), toy.weights("other"));
}

TEST(Train, ResumedEqualsUninterruptedBitForBit) {
  const ToyRun toy;
  ASSERT_EQ(toy.train("whole").exit_code, 0);
  ASSERT_EQ(toy.train("parts", {"--set", "training.max_updates=20"}).exit_code, 0);
  const ProgramResult resumed = toy.train("parts", {"--resume"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_THAT(resumed.err, HasSubstr("resumed from update 20"));
  EXPECT_EQ(toy.weights("whole"), toy.weights("parts"));
  EXPECT_EQ(toy.moments("whole"), toy.moments("parts"));
}

TEST(Train, AnInterruptSavesAndResumeGoesOn) {
  const ToyRun toy;
  // Far more updates than there is time for: the signal ends it, once some were made.
  write_file(toy.path() / "interrupt.sh",
             "\"$@\" & child=$!\n"
             "until grep -qs update run/log.jsonl; do sleep 0.05; done\n"
             "kill -INT $child; wait $child\n");
  const ProgramResult stopped =
      run_heed(toy.path(),
               {"train", "toy.toml", "--run", "run", "--set", "training.max_updates=1000000",
                "--set", "validation.every=1000000"},
               "", "timeout 100 sh interrupt.sh");
  EXPECT_THAT(stopped.err, HasSubstr("the same command goes on"));
  EXPECT_TRUE(std::filesystem::exists(toy.path() / "run/last/training.json"));
  const auto state = nlohmann::json::parse(read_file(toy.path() / "run/last/training.json"));
  const auto update = state.at("update").get<int>();
  ASSERT_GT(update, 0);
  const ProgramResult resumed =
      toy.train("run", {"--resume", "--set", fmt::format("training.max_updates={}", update + 5)});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_THAT(resumed.err, HasSubstr(fmt::format("resumed from update {}", update)));
}

TEST(Train, PrecisionsAgreeButForRounding) {
  const ToyRun toy;
  std::map<std::string, double> perplexity;
  for (const std::string precision : {"fp32", "bf16"}) {
    ASSERT_EQ(toy.train(precision, {"--precision", precision}).exit_code, 0);
    for (const nlohmann::json& event : events_of(toy.path() / precision)) {
      if (event.at("event") == "start") {
        EXPECT_EQ(event.at("precision"), precision);
      }
      if (event.at("event") == "validation") perplexity[precision] = event.at("perplexity");
    }
  }
  EXPECT_NE(perplexity["fp32"], perplexity["bf16"]);
  EXPECT_NEAR(perplexity["bf16"] / perplexity["fp32"], 1.0, 0.05);
}

TEST(Train, Bfloat16NeedsEvenSizes) {
  const ToyRun toy;
  const ProgramResult result =
      toy.train("run", {"--precision", "bf16", "--set", "model.ffn_size=31"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("even model.ffn_size"));
  EXPECT_EQ(toy.train("auto", {"--set", "model.ffn_size=31"}).exit_code, 0);
}

TEST(Train, ARunThatIsDoneStaysAsItIs) {
  const ToyRun toy;
  ASSERT_EQ(toy.train("run").exit_code, 0);
  const BinaryFile before = toy.weights("run");
  const std::string log = read_file(toy.path() / "run" / "log.jsonl");
  const ProgramResult again = toy.train("run");
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.err, HasSubstr("done after 40 updates"));
  EXPECT_EQ(toy.weights("run"), before);
  EXPECT_EQ(lines_of(read_file(toy.path() / "run" / "log.jsonl")).size(), lines_of(log).size());
}

TEST(Train, AnotherConfigurationIsRefusedUnlessAskedFor) {
  const ToyRun toy;
  ASSERT_EQ(toy.train("run", {"--set", "training.max_updates=20"}).exit_code, 0);
  const BinaryFile before = toy.weights("run");
  const ProgramResult again = toy.train(
      "run", {"--set", "training.max_updates=20", "--set", "optimizer.learning_rate=0.02"});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.err, HasSubstr("optimizer.learning_rate was 0.01, is 0.02"));
  EXPECT_THAT(again.err, HasSubstr("--resume"));
  EXPECT_EQ(toy.weights("run"), before);
  const ProgramResult resumed = toy.train("run", {"--resume"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_NE(toy.weights("run"), before);
}

TEST(Train, OtherTextIsRefusedUnlessAskedFor) {
  const ToyRun toy;
  ASSERT_EQ(toy.train("run").exit_code, 0);
  for (const char* side : {"src", "tgt"}) {
    const std::filesystem::path path = toy.path() / fmt::format("dev.{}", side);
    write_file(path, read_file(path) + "ba\n");
  }
  const ProgramResult again = toy.train("run");
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.err, HasSubstr("the dev text has changed"));
  EXPECT_EQ(toy.train("run", {"--resume"}).exit_code, 0);
}

TEST(Train, KeepsLastBestAndTheRecent) {
  const ToyRun toy;
  ASSERT_EQ(toy.train("run", {"--set", "validation.every=5", "--set", "training.keep_recent=1"})
                .exit_code,
            0);
  std::set<std::string> kept;
  for (const auto& entry : std::filesystem::directory_iterator(toy.path() / "run" / "checkpoints"))
    kept.insert(entry.path().filename().string());
  EXPECT_TRUE(kept.contains("update-00000040"));
  EXPECT_TRUE(
      kept.contains(std::filesystem::read_symlink(toy.path() / "run/best").filename().string()));
  EXPECT_LE(kept.size(), 2u);
}

TEST(Train, TellsWrongUsageFromFailure) {
  const ToyRun toy;
  const ProgramResult unknown_key = toy.train("run", {"--set", "model.d_modle=8"});
  EXPECT_EQ(unknown_key.exit_code, 2);
  EXPECT_THAT(unknown_key.err, HasSubstr("did you mean model.d_model?"));
  const ProgramResult bad_choice = toy.train("run", {"--set", "model.norm=mid"});
  EXPECT_EQ(bad_choice.exit_code, 2);
  EXPECT_THAT(bad_choice.err, HasSubstr("pre, post"));
  const ProgramResult missing = toy.train("run", {"--set", "data.train_src=nowhere.txt"});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.err, HasSubstr("nowhere.txt"));
}

TEST(Train, BadTextIsNamedByFileAndLine) {
  const ToyRun toy;
  write_file(toy.path() / "bad.src", "ba\nko \xff mi\n");
  write_file(toy.path() / "bad.tgt", "BA\nMI KO\n");
  const ProgramResult result =
      toy.train("run", {"--set", "data.train_src=bad.src", "--set", "data.train_tgt=bad.tgt"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("bad.src:2"));
}

TEST(Train, AllShapesTrainAndTranslate) {
  const ToyRun toy;
  const std::vector<std::vector<std::string>> shapes{
      {"model.norm=post", "model.activation=gelu", "model.positions=learned", "model.tying=none"},
      {"model.activation=swish", "model.tying=decoder", "tokenizer.joint=false",
       "tokenizer.type=bpe", "tokenizer.vocab_size=40"},
      {"optimizer.weight_decay=0.01", "optimizer.schedule=cosine", "training.accumulation=2",
       "training.threads=1"}};
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const std::string run = fmt::format("run{}", i);
    std::vector<std::string> arguments;
    for (const std::string& setting : shapes[i])
      arguments.insert(arguments.end(), {"--set", setting});
    const ProgramResult result = toy.train(run, arguments);
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const std::string out = run_heed_well(toy.path(), {"translate", "--model", run}, "ba ko\n");
    EXPECT_EQ(lines_of(out).size(), 1u);
  }
}

}  // namespace
}  // namespace heed
