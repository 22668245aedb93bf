// Training by several processes, on this machine's loopback.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/run_events.h"
#include "tests/support/toy_run.h"

namespace heed {
namespace {

using ::testing::HasSubstr;

#ifdef HEED_MPIRUN
constexpr const char* kMpirun = HEED_MPIRUN;
#else
constexpr const char* kMpirun = "";
#endif

/// OpenMPI leaks, in plugins that are unloaded before leaks are named: none can be suppressed.
constexpr const char* kSanitizers = "ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=1";

/// Runs the program it is given; as process 1, ends it by a signal as soon as the run has saved.
constexpr const char* kEndTheSecond = R"(#!/bin/sh
"$@" &
child=$!
trap 'kill -9 $child 2>/dev/null' TERM EXIT
if [ "$OMPI_COMM_WORLD_RANK" = 1 ]; then
  until [ -e run/last ]; do sleep 0.02; done
  kill -$HEED_TEST_SIGNAL $child
fi
wait $child
)";

class Processes : public testing::Test {
 protected:
  void SetUp() override {
    if (std::string(kMpirun).empty()) GTEST_SKIP() << "built without MPI (HEED_MPI)";
  }

  ProgramResult run(int processes, const std::vector<std::string>& arguments,
                    const std::string& wrapper = "") const {
    const std::string start =
        fmt::format("env {} timeout 120 {} --allow-run-as-root --oversubscribe -n {} {}",
                    kSanitizers, shell_quoted(kMpirun), processes, wrapper);
    return run_heed(toy_.path(), arguments, "", start);
  }

  ProgramResult train(int processes, std::vector<std::string> arguments,
                      const std::string& wrapper = "") const {
    arguments.insert(arguments.begin(), {"train", "toy.toml"});
    return run(processes, arguments, wrapper);
  }

  /// Trains without end by two processes, of which the second gets `signal` after the first save.
  ProgramResult train_and_end_the_second(const std::string& signal) const {
    write_file(toy_.path() / "wrapper.sh", kEndTheSecond);
    return train(2,
                 {"--run", "run", "--set", "training.threads=1", "--set",
                  "training.max_updates=1000000", "--set", "training.process_timeout=3"},
                 "env HEED_TEST_SIGNAL=" + signal + " sh wrapper.sh");
  }

  std::int64_t updates(const std::string& run) const {
    const auto state =
        nlohmann::json::parse(read_file(toy_.path() / run / "last" / "training.json"));
    return state.at("update").get<std::int64_t>();
  }

  void expect_that_the_run_goes_on() const {
    const std::int64_t saved = updates("run");
    const ProgramResult resumed =
        run_heed(toy_.path(), {"train", "toy.toml", "--run", "run", "--resume", "--set",
                               fmt::format("training.max_updates={}", saved + 10)});
    EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
    EXPECT_EQ(updates("run"), saved + 10);
  }

  ToyRun toy_;
};

TEST_F(Processes, TwoWithAReplicaEachEqualOneWithTwo) {
  const ProgramResult two = train(2, {"--run", "two", "--set", "training.threads=1"});
  ASSERT_EQ(two.exit_code, 0) << two.err;
  EXPECT_THAT(two.err, HasSubstr("one of 2 processes"));
  const ProgramResult one = toy_.train("one", {"--set", "training.threads=2"});
  ASSERT_EQ(one.exit_code, 0) << one.err;
  EXPECT_EQ(toy_.weights("two"), toy_.weights("one"));
  EXPECT_EQ(toy_.moments("two"), toy_.moments("one"));
}

TEST_F(Processes, BothDirectionsAndLinksAreLearntTogetherToo) {
  std::string links;
  for (int pair = 0; pair < 400; ++pair) links += "0-0\n";
  write_file(toy_.path() / "given.links", links);
  const std::vector<std::string> options{"--bidirectional", "--guided-alignment", "given.links"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), options.begin(), options.end());
    return more;
  };
  const ProgramResult two = train(2, with({"--run", "two", "--set", "training.threads=1"}));
  ASSERT_EQ(two.exit_code, 0) << two.err;
  ASSERT_EQ(toy_.train("one", with({"--set", "training.threads=2"})).exit_code, 0);
  EXPECT_EQ(toy_.weights("two"), toy_.weights("one"));
}

TEST_F(Processes, OnlyTheFirstWrites) {
  const ProgramResult result = train(2, {"--run", "run", "--set", "training.threads=1"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(events_of(toy_.path() / "run", "start").size(), 1U);
}

TEST_F(Processes, FourGoOnWithARunOfTwo) {
  const std::vector<std::string> first{
      "--run", "run", "--set", "training.threads=1", "--set", "training.max_updates=20"};
  ASSERT_EQ(train(2, first).exit_code, 0);
  ASSERT_EQ(updates("run"), 20);
  const ProgramResult resumed =
      train(4, {"--run", "run", "--set", "training.threads=1", "--resume"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_THAT(resumed.err, HasSubstr("one of 4 processes"));
  EXPECT_EQ(updates("run"), 40);
}

TEST_F(Processes, WhenOneIsKilledTheOthersStopAndTheRunGoesOn) {
  const ProgramResult result = train_and_end_the_second("KILL");
  EXPECT_NE(result.exit_code, 0);
  EXPECT_NE(result.exit_code, 124) << "had to be ended by timeout";
  expect_that_the_run_goes_on();
}

TEST_F(Processes, WhenOneHangsTheOthersSaySoAndStop) {
  const ProgramResult result = train_and_end_the_second("STOP");
  EXPECT_NE(result.exit_code, 0);
  EXPECT_NE(result.exit_code, 124) << "had to be ended by timeout";
  EXPECT_THAT(result.err, HasSubstr("another process has not answered for 3 seconds"));
  EXPECT_THAT(result.err, HasSubstr("the same command goes on from it"));
  expect_that_the_run_goes_on();
}

TEST_F(Processes, DifferentNumbersOfReplicasAreAnError) {
  write_file(toy_.path() / "wrapper.sh",
             "exec \"$@\" --set training.threads=$((OMPI_COMM_WORLD_RANK + 1))\n");
  const ProgramResult result = train(2, {"--run", "run"}, "sh wrapper.sh");
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("set training.threads to one number"));
}

TEST_F(Processes, ABenchmarkCountsAllAndPrintsOnce) {
  const ProgramResult result = run(2, {"benchmark", "train", "toy.toml", "--windows", "3",
                                       "--updates", "2", "--json", "--set", "training.threads=1"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  ASSERT_EQ(lines_of(result.out).size(), 1U) << result.out;
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json.at("windows").size(), 3U);
  const double share =
      json.at("flops_per_second").get<double>() / json.at("gemm_peak").get<double>();
  EXPECT_GT(share, 0.0);
  EXPECT_LT(share, 1.0);
}

TEST(ProcessesWithoutMpi, ASecondProcessIsAnErrorWhereTheBuildHasNoMpi) {
  if (!std::string(kMpirun).empty()) GTEST_SKIP() << "built with MPI";
  const ToyRun toy;
  const ProgramResult result =
      run_heed(toy.path(), {"train", "toy.toml"}, "", "env OMPI_COMM_WORLD_SIZE=2");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("HEED_MPI"));
}

}  // namespace
}  // namespace heed
