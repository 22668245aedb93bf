#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/toy_run.h"

namespace heed {
namespace {

using ::testing::HasSubstr;

TEST(Benchmark, TrainingIsTimedAndNothingIsLeftBehind) {
  const ToyRun toy;
  const std::string out = run_heed_well(
      toy.path(), {"benchmark", "train", "toy.toml", "--windows", "3", "--updates", "2", "--json"});
  const auto json = nlohmann::json::parse(out);
  EXPECT_EQ(json.at("windows").size(), 3U);
  EXPECT_GT(json.at("tgt_tokens_per_second").get<double>(), 0.0);
  const double share =
      json.at("flops_per_second").get<double>() / json.at("gemm_peak").get<double>();
  EXPECT_GT(share, 0.0);
  EXPECT_LT(share, 1.0);
  for (const char* phase : {"forward", "loss", "backward", "optimizer"})
    EXPECT_GT(json.at("milliseconds").at(phase).get<double>(), 0.0) << phase;
  EXPECT_GT(json.at("peak_memory_bytes").get<double>(), 1e6);
  EXPECT_FALSE(std::filesystem::exists(toy.path() / "runs"));
}

TEST(Benchmark, TranslationIsTimed) {
  const ToyRun toy;
  ASSERT_EQ(toy.train("run").exit_code, 0);
  const auto json = nlohmann::json::parse(
      run_heed_well(toy.path(), {"benchmark", "translate", "--model", "run", "dev.src", "--windows",
                                 "3", "--beam-size", "2", "--json"}));
  EXPECT_EQ(json.at("seconds").size(), 3U);
  EXPECT_EQ(json.at("sentences"), 20);
  EXPECT_EQ(json.at("beam_size"), 2);
  EXPECT_GE(json.at("tgt_tokens").get<int>(), 20);
  EXPECT_GT(json.at("milliseconds_alone").get<double>(), 0.0);
  EXPECT_THAT(run_heed_well(toy.path(), {"benchmark", "translate", "--model", "run", "dev.src",
                                         "--windows", "1"}),
              HasSubstr("target tokens/s"));
}

TEST(Benchmark, AnEmptyFileIsAnError) {
  const ToyRun toy;
  ASSERT_EQ(toy.train("run").exit_code, 0);
  write_file(toy.path() / "empty", "");
  const ProgramResult result =
      run_heed(toy.path(), {"benchmark", "translate", "--model", "run", "empty"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("empty: holds no line"));
}

}  // namespace
}  // namespace heed
