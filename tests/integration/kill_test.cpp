#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <set>

#include "app/progress.h"
#include "tests/support/killed_run.h"

namespace heed {
namespace {

constexpr int kKilled = 128 + 9;

/// A short run that saves often, removes what is old, and is killed.
class KilledTraining : public ::testing::Test {
 protected:
  KilledTraining() { run("whole"); }

  ProgramResult run(const std::string& name, const std::string& prefix = "") const {
    return run_heed(
        toy_.path(),
        {"train", "toy.toml", "--run", name, "--set", "training.max_updates=12", "--set",
         "training.log_every=5", "--set", "validation.every=3", "--set", "training.keep_recent=1"},
        "", prefix);
  }

  /// Lets the same command go on with `name` to its end, and compares that with the run that
  /// nothing happened to.
  void expect_that_it_comes_to_the_same(const std::string& name) const {
    const ProgramResult result = run(name);
    ASSERT_EQ(result.exit_code, 0) << result.err;
    expect_same_run(toy_, "whole", name);
    std::filesystem::remove_all(toy_.path() / name);
  }

  /// Kills `count` runs, each up to three times, after times that are drawn at random.
  void kill_at_random_times(int count) const {
    std::mt19937_64 random(7);
    const Stopwatch watch;
    ASSERT_EQ(run("timed").exit_code, 0);
    const double whole = watch.seconds();
    int kills = 0;
    for (int trial = 0; trial < count; ++trial) {
      const std::string name = fmt::format("run{}", trial);
      for (std::uint64_t kill = 0; kill < 1 + random() % 3; ++kill) {
        const double seconds = whole * std::uniform_real_distribution<>(0.2, 1.0)(random);
        const ProgramResult result =
            run(name, fmt::format("timeout --signal=KILL {:.3f}", seconds));
        if (result.exit_code == 0) break;
        ASSERT_EQ(result.exit_code, kKilled) << result.err;
        ++kills;
      }
      SCOPED_TRACE(fmt::format("trial {}", trial));
      expect_that_it_comes_to_the_same(name);
    }
    EXPECT_GE(kills, count / 2);
  }

  ToyRun toy_;
};

/// The same, with the calls that change files in the run's folder counted.
class TrainingKilledAtACall : public KilledTraining {
 protected:
  void SetUp() override {
    if (std::string(HEED_FILE_CALLS).empty()) GTEST_SKIP() << "not under a sanitizer";
    ASSERT_EQ(run("logged", with_calls(fmt::format("HEED_CALLS_LOG={}", log().string()))).exit_code,
              0);
    for (const std::string& line : lines_of(read_file(log()))) calls_.push_back(line);
    ASSERT_GT(calls_.size(), 100U);
    std::filesystem::remove_all(toy_.path() / "logged");
  }

  static std::string with_calls(const std::string& settings) {
    return fmt::format("env LD_PRELOAD={} HEED_CALLS_BELOW=/logged {}", HEED_FILE_CALLS, settings);
  }

  std::filesystem::path log() const { return toy_.path() / "calls"; }

  void kill_at(std::size_t call) const {
    SCOPED_TRACE(fmt::format("killed at call {}: {}", call + 1, calls_[call]));
    const ProgramResult result =
        run("logged", with_calls(fmt::format("HEED_KILL_AT={}", call + 1)));
    ASSERT_EQ(result.exit_code, kKilled) << result.err;
    expect_that_it_comes_to_the_same("logged");
  }

  std::vector<std::string> calls_;
};

TEST_F(KilledTraining, AtRandomTimesComesToTheSameBits) {
  kill_at_random_times(4);
}

TEST_F(TrainingKilledAtACall, ComesToTheSameBits) {
  constexpr std::size_t kTrials = 8;
  for (std::size_t trial = 0; trial < kTrials && !HasFailure(); ++trial)
    kill_at((2 * trial + 1) * calls_.size() / (2 * kTrials));
}

/// Once the last checkpoint has its name there is nothing left to train: what else was to be done
/// must be made up for all the same.
TEST_F(TrainingKilledAtACall, BehindTheLastCheckpointComesToTheSame) {
  std::size_t named = calls_.size() - 1;
  while (calls_[named].find("tmp\t") == std::string::npos ||
         calls_[named].find("/checkpoints/update-") == std::string::npos)
    --named;
  EXPECT_LT(calls_.size() - named, 40U);
  for (std::size_t call = named; call < calls_.size() && !HasFailure(); ++call) kill_at(call);
}

/// What a machine that loses its power may forget, or do in another order, is what was not asked to
/// be on disk: a checkpoint must be, all of it, before it gets its name, and its name before a link
/// points to it.
TEST_F(TrainingKilledAtACall, NothingIsNamedBeforeItIsOnDisk) {
  std::set<std::string> unsynced;
  int renamed = 0;
  for (const std::string& line : calls_) {
    const std::size_t tab = line.find('\t');
    const std::string call = line.substr(0, tab);
    const std::string from = line.substr(tab + 1, line.find('\t', tab + 1) - tab - 1);
    const std::string to = line.substr(line.rfind('\t') + 1);
    const std::filesystem::path folder = std::filesystem::path(to).parent_path();
    if (call == "create" || call == "write" || call == "truncate") unsynced.insert(from);
    if (call == "fsync") unsynced.erase(from);
    if (call != "rename") continue;
    if (from.ends_with(".link")) {
      EXPECT_FALSE(unsynced.contains((folder / "checkpoints").string())) << line;
      continue;
    }
    const bool is_removal = to.ends_with(".tmp");
    for (const std::string& path : unsynced)
      EXPECT_TRUE(is_removal || !path.starts_with(from)) << path << " ahead of " << line;
    if (is_removal) continue;
    ++renamed;
    unsynced.insert(folder.string());  // the new name itself
  }
  EXPECT_GT(renamed, 8);
  for (const std::string& path : unsynced)
    EXPECT_TRUE(path.ends_with("/log.jsonl") || path.ends_with("/lock")) << path;
}

class SlowKilledTraining : public KilledTraining {};

TEST_F(SlowKilledTraining, AtAHundredRandomTimesComesToTheSameBits) {
  kill_at_random_times(100);
}

class SlowTrainingKilledAtACall : public TrainingKilledAtACall {};

TEST_F(SlowTrainingKilledAtACall, AtEveryCallComesToTheSameBits) {
  for (std::size_t call = 0; call < calls_.size() && !HasFailure(); ++call) kill_at(call);
}

}  // namespace
}  // namespace heed
