#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/support/trained_model.h"

namespace heed {
namespace {

using ::testing::HasSubstr;

class Sample : public TrainedModel {
 protected:
  std::string draw(std::vector<std::string> options) const {
    options.push_back("--sample");
    return translate(options, read_file(toy_.path() / "train.src"));
  }
};

TEST_F(Sample, DependsOnTheSeedAndTheLineAlone) {
  const std::string whole = draw({});
  EXPECT_EQ(draw({"--threads", "1", "--batch-tokens", "20"}), whole);
  EXPECT_NE(draw({"--seed", "2"}), whole);
  std::string parts;
  for (const char* shard : {"1/3", "2/3", "3/3"})
    parts += run_heed_well(
        toy_.path(), {"translate", "--model", "run", "train.src", "--sample", "--shard", shard});
  EXPECT_EQ(parts, whole);
}

TEST_F(Sample, TheLikeliestPieceAloneIsGreedySearch) {
  const std::string greedy = translate({"--beam-size", "1"}, read_file(toy_.path() / "train.src"));
  EXPECT_EQ(draw({"--top-k", "1"}), greedy);
  EXPECT_EQ(draw({"--top-p", "0.000001"}), greedy);
  EXPECT_EQ(draw({"--temperature", "0.00001"}), greedy);
}

TEST_F(Sample, GivesAsManyAsAreAskedFor) {
  const auto object = nlohmann::json::parse(
      translate({"--sample", "--n-best", "20", "--json", "--temperature", "2"}, "ba ko mi\n"));
  std::set<std::string> texts;
  for (const auto& sample : object.at("n_best")) {
    texts.insert(sample.at("translation").get<std::string>());
    EXPECT_LT(sample.at("log_probability").get<double>(), 0.0);
  }
  EXPECT_EQ(object.at("n_best").size(), 20u);
  EXPECT_GT(texts.size(), 5u);
}

TEST_F(Sample, IsNoSearch) {
  const auto refused = [&](const std::vector<std::string>& options) {
    std::vector<std::string> arguments{"translate", "--model", "run"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const ProgramResult result = run_heed(toy_.path(), arguments, "ba\n");
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr("--sample"));
  };
  refused({"--sample", "--beam-size", "3"});
  refused({"--sample", "--coverage-penalty", "0.1"});
  for (const char* option : {"--top-k", "--temperature", "--seed"}) refused({option, "3"});
}

using CoveragePenalty = TrainedModel;

TEST_F(CoveragePenalty, IsInTheScoreAndSpeaksAgainstLeavingOut) {
  const std::string input = "ba ko mi du\n";
  const auto scores = [&](const std::string& beta) {
    const auto object = nlohmann::json::parse(
        translate({"--json", "--length-penalty", "0", "--coverage-penalty", beta}, input));
    return std::pair(object.at("score").get<double>(), object.at("log_probability").get<double>());
  };
  const auto [free_score, free_log_prob] = scores("0");
  EXPECT_DOUBLE_EQ(free_score, free_log_prob);
  const auto [score, log_prob] = scores("1");
  EXPECT_LT(score, log_prob);
  EXPECT_LE(log_prob, free_log_prob + 1e-6);
}

}  // namespace
}  // namespace heed
