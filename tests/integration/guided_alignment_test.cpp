#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "tests/support/run_events.h"
#include "tests/support/toy_run.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

using Arguments = std::vector<std::string>;

/// The toy corpus's links, whose target is the source in reverse order.
std::string reversing_links(const std::string& src) {
  std::string links;
  for (const std::string& line : lines_of(src)) {
    const auto words = std::count(line.begin(), line.end(), ' ') + 1;
    for (std::ptrdiff_t word = 0; word < words; ++word)
      links += fmt::format("{}{}-{}", word > 0 ? " " : "", word, words - 1 - word);
    links += '\n';
  }
  return links;
}

std::vector<double> alignment_losses(const ToyRun& toy, const std::string& run) {
  std::vector<double> losses;
  for (const nlohmann::json& event : events_of(toy.path() / run, "update"))
    losses.push_back(event.at("alignment_loss"));
  return losses;
}

double percent_after(const std::string& text, const std::string& name) {
  const std::size_t begin = text.find(name + " ");
  EXPECT_NE(begin, std::string::npos) << text;
  return begin == std::string::npos ? -1.0 : std::stod(text.substr(begin + name.size() + 1));
}

TEST(GuidedTraining, LearnsFromItsOwnStatistics) {
  const ToyRun toy;
  const ProgramResult result = toy.train("run", {"--set", "alignment.guide=hmm"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("alignment "));
  EXPECT_EQ(lines_of(read_file(toy.path() / "run/cache/train.links")).size(), 400U);
  const std::vector<double> losses = alignment_losses(toy, "run");
  ASSERT_EQ(losses.size(), 4U);
  EXPECT_LT(losses.back(), 0.9 * losses.front());
}

TEST(GuidedTraining, PrecisionsAgreeButForRounding) {
  const ToyRun toy;
  for (const char* precision : {"fp32", "bf16"}) {
    const ProgramResult result =
        toy.train(precision, {"--guided-alignment", "hmm", "--precision", precision});
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }
  const std::vector<double> exact = alignment_losses(toy, "fp32");
  const std::vector<double> rounded = alignment_losses(toy, "bf16");
  ASSERT_EQ(exact.size(), rounded.size());
  EXPECT_NE(exact, rounded);
  for (std::size_t i = 0; i < exact.size(); ++i) EXPECT_NEAR(rounded[i] / exact[i], 1.0, 0.02);
}

TEST(GuidedTraining, WithoutAGuideThereIsNoAlignmentLoss) {
  const ToyRun toy;
  const ProgramResult result = toy.train("run");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, Not(HasSubstr("alignment ")));
  for (const double loss : alignment_losses(toy, "run")) EXPECT_EQ(loss, 0.0);
}

TEST(GuidedTraining, ResumedEqualsUninterruptedBitForBit) {
  const ToyRun toy;
  const Arguments guide{"--set", "alignment.guide=hmm"};
  const auto with = [&](Arguments more) {
    more.insert(more.begin(), guide.begin(), guide.end());
    return more;
  };
  ASSERT_EQ(toy.train("whole", guide).exit_code, 0);
  ASSERT_EQ(toy.train("parts", with({"--set", "training.max_updates=20"})).exit_code, 0);
  const ProgramResult resumed = toy.train("parts", with({"--resume"}));
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_THAT(resumed.err, HasSubstr("resumed from update 20"));
  EXPECT_EQ(toy.weights("whole"), toy.weights("parts"));
}

TEST(GuidedTraining, WhatValidationFoundIsKeptByARunThatGoesOn) {
  const ToyRun toy;
  const Arguments options{"--bidirectional", "--guided-alignment", "hmm"};
  ASSERT_EQ(toy.train("run", options).exit_code, 0);
  const auto found = [&] {
    std::vector<std::string> lines;
    for (const std::string& line : lines_of(run_heed_well(toy.path(), {"info", "run/last"})))
      if (line.starts_with("links") || line.starts_with("attention")) lines.push_back(line);
    return lines;
  };
  const std::vector<std::string> before = found();
  ASSERT_EQ(before.size(), 2U);
  Arguments resume = options;  // without a dev text, so that nothing is found again
  resume.insert(resume.end(), {"--resume", "--set", "training.max_updates=45", "--set",
                               "data.dev_src=[]", "--set", "data.dev_tgt=[]"});
  const ProgramResult resumed = toy.train("run", resume);
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(found(), before);
}

TEST(GuidedTraining, GivenLinksMustFitTheText) {
  const ToyRun toy;
  const std::string links = reversing_links(read_file(toy.path() / "train.src"));
  const Arguments guide{"--set", "alignment.guide=given.links"};
  write_file(toy.path() / "given.links", links + "0-0\n");
  const ProgramResult longer = toy.train("longer", guide);
  EXPECT_EQ(longer.exit_code, 1);
  EXPECT_THAT(longer.err, HasSubstr("given.links has more lines than the training text"));
  write_file(toy.path() / "given.links", "0-0\n9-0\n" + links);
  const ProgramResult beyond = toy.train("beyond", guide);
  EXPECT_EQ(beyond.exit_code, 1);
  EXPECT_THAT(beyond.err, HasSubstr("given.links:2: "));
  const ProgramResult missing = toy.train("missing", {"--set", "alignment.guide=none.links"});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.err, HasSubstr("none.links"));
}

/// A run with a head that was taught the true links, one without, and the links of dev.
class GuidedAlign : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    toy_ = std::make_unique<ToyRun>();
    write_file(toy_->path() / "given.links",
               reversing_links(read_file(toy_->path() / "train.src")));
    write_file(toy_->path() / "dev.gold", reversing_links(read_file(toy_->path() / "dev.src")));
    const ProgramResult guided =
        toy_->train("guided", {"--set", "alignment.guide=given.links", "--set",
                               "training.max_updates=300", "--set", "validation.every=300"});
    ASSERT_EQ(guided.exit_code, 0) << guided.err;
    const ProgramResult plain = toy_->train("plain");
    ASSERT_EQ(plain.exit_code, 0) << plain.err;
  }
  static void TearDownTestSuite() { toy_.reset(); }

  static ProgramResult align(const Arguments& more) {
    Arguments arguments{"align", "dev.src", "dev.tgt"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_heed(toy_->path(), arguments);
  }
  static std::string align_well(const Arguments& more) {
    const ProgramResult result = align(more);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(lines_of(result.out).size(), 20U);
    return result.out;
  }

  static std::unique_ptr<ToyRun> toy_;
};

std::unique_ptr<ToyRun> GuidedAlign::toy_;

TEST_F(GuidedAlign, TheHeadIsTakenWhereThereIsOne) {
  const std::string by_head = align_well({"--model", "guided", "--method", "head"});
  EXPECT_EQ(align_well({"--model", "guided"}), by_head);
  EXPECT_EQ(align_well({"--model", "guided", "--method", "auto"}), by_head);
  EXPECT_NE(align_well({"--model", "guided", "--method", "attention"}), by_head);
  EXPECT_EQ(align_well({"--model", "plain", "--method", "auto"}),
            align_well({"--model", "plain", "--method", "attention"}));
}

TEST_F(GuidedAlign, TheHeadHasLearntTheLinks) {
  const ProgramResult result = align({"--model", "guided", "--gold", "dev.gold"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_LT(percent_after(result.err, "AER"), 25.0) << result.err;
}

TEST_F(GuidedAlign, HigherThresholdsGiveFewerLinksOfHigherProbability) {
  std::size_t before = 1'000'000;
  for (const double threshold : {0.05, 0.5, 0.95}) {
    const std::string soft = align_well(
        {"--model", "guided", "--format", "soft", "--threshold", std::to_string(threshold)});
    std::size_t links = 0;
    for (std::size_t at = soft.find(':'); at != std::string::npos; at = soft.find(':', at + 1)) {
      ++links;
      EXPECT_GE(std::stod(soft.substr(at + 1)), threshold - 1e-4);
    }
    EXPECT_LT(links, before);
    before = links;
  }
}

TEST_F(GuidedAlign, SymmetrizationsAreNested) {
  for (const Arguments& source : {Arguments{"--model", "guided"}, Arguments{"--method", "hmm"}}) {
    std::string smaller;
    for (const char* method :
         {"intersect", "grow-diag", "grow-diag-final-and", "grow-diag-final", "union"}) {
      Arguments arguments = source;
      arguments.insert(arguments.end(), {"--symmetrize", method});
      const std::string links = align_well(arguments);
      EXPECT_GE(links.size(), smaller.size()) << method;
      smaller = links;
    }
  }
}

TEST_F(GuidedAlign, StatisticsNeedNoModel) {
  const std::string alone = align_well({"--method", "hmm"});
  const ProgramResult more =
      align({"--method", "hmm", "--train-source", "train.src", "--train-target", "train.tgt",
             "--gold", "dev.gold", "-o", "links"});
  ASSERT_EQ(more.exit_code, 0) << more.err;
  EXPECT_THAT(more.out, AllOf(HasSubstr("AER "), EndsWith("possible)\n")));
  EXPECT_LT(percent_after(more.out, "AER"), 25.0) << more.out;
  const std::string links = read_file(toy_->path() / "links");
  EXPECT_EQ(lines_of(links).size(), 20U);
  EXPECT_NE(links, alone);
}

TEST_F(GuidedAlign, StatisticsKeepALineForEmptyPairs) {
  for (const char* format : {"pharaoh", "soft", "json"}) {
    const std::string out = run_heed_well(
        toy_->path(), {"align", "--method", "hmm", "--format", format}, "ba ko\tKO BA\n\t\nba\t\n");
    EXPECT_EQ(lines_of(out).size(), 3U) << format;
    EXPECT_THAT(out, Not(HasSubstr("log_probability"))) << "no model has given one";
  }
  EXPECT_EQ(run_heed_well(toy_->path(), {"align", "--method", "hmm"}, ""), "");
}

TEST_F(GuidedAlign, WrongUsageIsTold) {
  const ProgramResult headless = align({"--model", "plain", "--method", "head"});
  EXPECT_EQ(headless.exit_code, 2);
  EXPECT_THAT(headless.err, AllOf(HasSubstr("no alignment head"), HasSubstr("alignment.guide")));
  const std::vector<Arguments> wrong{
      {"--method", "hmm", "--format", "html"},
      {"--method", "hmm", "--format", "npz"},
      {"--method", "hmm", "--format", "svg", "--figure", "map"},
      {"--method", "hmm", "--units", "piece"},
      {"--method", "hmm", "--format", "json", "--attribution", "occlusion"},
      {"--method", "hmm", "--train-source", "train.src"},
      {"--method", "hmm", "--model", "guided"},
      {"--method", "hmm", "--layers", "0"},
      {"--method", "hmm", "--link-step", "consume"},
      {"--method", "hmm", "--one-direction"},
      {"--method", "hmm", "--reverse"},
      {"--method", "hmm", "--symmetrize", "union", "--threshold", "0.3"},
      {"--model", "guided", "--symmetrize", "union", "--threshold", "0.3"},
      {"--model", "guided", "--method", "attention", "--symmetrize", "union"},
      {"--model", "guided", "--train-source", "train.src", "--train-target", "train.tgt"},
      {"--method", "guess"},
      {"--model", "guided", "--symmetrize", "sometimes"},
      {"--model", "guided", "--threshold", "1.5"}};
  for (const Arguments& arguments : wrong) {
    const ProgramResult result = align(arguments);
    EXPECT_EQ(result.exit_code, 2) << fmt::format("{}: ", fmt::join(arguments, " ")) << result.err;
    EXPECT_EQ(result.out, "");
  }
}

}  // namespace
}  // namespace heed
