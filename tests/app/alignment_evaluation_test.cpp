#include "app/evaluate/alignment_evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "app/evaluate/alignment_report.h"
#include "tests/support/error_message.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// 40 pairs; the better file is wrong in one of eight, the worse in one of two.
class AlignmentEvaluationTest : public ::testing::Test {
 protected:
  AlignmentEvaluationTest() {
    for (int pair = 0; pair < 40; ++pair) {
      gold_ += "0-0\n";
      better_ += pair % 8 == 0 ? "5-7\n" : "0-0\n";
      worse_ += pair % 2 == 0 ? "5-7\n" : "0-0\n";
    }
    folder_.write("gold", gold_);
  }

  AlignmentEvaluation evaluate(const std::vector<std::string>& contents,
                               const AlignmentEvaluationOptions& options = {}) const {
    std::vector<std::string> files;
    for (const std::string& text : contents)
      files.push_back(folder_.write("links" + std::to_string(files.size()), text));
    return evaluate_alignments(files, folder_ / "gold", options);
  }

  TemporaryFolder folder_;
  std::string gold_, better_, worse_;
};

TEST_F(AlignmentEvaluationTest, IntervalIsThatOfTheNormalDistribution) {
  // The rate is a mean of 40 zeros and ones.
  const AlignmentResult result = evaluate({worse_}, {.bootstrap_samples = 4000}).files.at(0);
  ASSERT_TRUE(result.interval);
  EXPECT_DOUBLE_EQ(result.counts.alignment_error_rate(), 0.5);
  EXPECT_NEAR(result.interval->mean, 0.5, 0.005);
  EXPECT_NEAR(result.interval->half_width, 1.96 * 0.5 / std::sqrt(40.0), 0.012);
}

TEST_F(AlignmentEvaluationTest, TestsEachFileAgainstTheFirst) {
  const AlignmentEvaluation evaluation = evaluate({better_, better_, worse_});
  EXPECT_FALSE(evaluation.files.at(0).bootstrap_p);
  EXPECT_EQ(evaluation.files.at(1).bootstrap_p, 1.0);
  EXPECT_LT(evaluation.files.at(2).bootstrap_p, 0.01);
}

TEST_F(AlignmentEvaluationTest, SamplingCanBeLeftOut) {
  const AlignmentEvaluation evaluation = evaluate({better_, worse_}, {.bootstrap_samples = 0});
  EXPECT_FALSE(evaluation.files.at(0).interval);
  EXPECT_FALSE(evaluation.files.at(1).bootstrap_p);
  EXPECT_EQ(alignment_report_as_text(evaluation).find("±"), std::string::npos);
}

TEST_F(AlignmentEvaluationTest, ReportsAgree) {
  const AlignmentEvaluation evaluation = evaluate({better_, worse_});
  const auto json = nlohmann::json::parse(alignment_report_as_json(evaluation));
  EXPECT_EQ(json.at("alignments").size(), 2U);
  EXPECT_EQ(json.at("alignments").at(0).at("alignment_error_rate"), 1.0 - 70.0 / 80.0);
  EXPECT_FALSE(json.at("alignments").at(0).contains("bootstrap_p"));
  EXPECT_EQ(json.at("alignments").at(1).at("bootstrap_p"), evaluation.files.at(1).bootstrap_p);
  const std::string text = alignment_report_as_text(evaluation);
  EXPECT_THAT(text, AllOf(HasSubstr(" 12.50 "), HasSubstr(" 50.00 "), HasSubstr("40 pairs")));
}

TEST_F(AlignmentEvaluationTest, NeedsAsManyLinesAndAtLeastOne) {
  EXPECT_THAT(error_message([&] {
                evaluate({better_, "0-0\n"});
              }),
              AllOf(HasSubstr("links1 has 1 lines"), HasSubstr("gold has 40")));
  folder_.write("gold", "");
  EXPECT_THAT(error_message([&] { evaluate({""}); }), HasSubstr("gold: no lines"));
}

}  // namespace
}  // namespace heed
