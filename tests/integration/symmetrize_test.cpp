#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/run_heed.h"
#include "tests/support/shared_corpora.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

class LinkFiles : public ::testing::Test {
 protected:
  ProgramResult run(const std::vector<std::string>& arguments, const std::string& in = "") const {
    return run_heed(folder_.path(), arguments, in);
  }

  std::string run_well(const std::vector<std::string>& arguments,
                       const std::string& in = "") const {
    return run_heed_well(folder_.path(), arguments, in);
  }

  TemporaryFolder folder_;
};

class Symmetrize : public LinkFiles {
 protected:
  void SetUp() override {
    folder_.write("forward", "0-0 1-1 1-2 5-4\n\n\n7-7\n");
    folder_.write("reverse", "3-2 0-0 2-1 4-4 0-4\n\n2-3\n7-7\n");
  }

  std::string symmetrize(const std::string& method) const {
    return run_well({"symmetrize", "forward", "reverse", "--method", method});
  }
};

TEST_F(Symmetrize, EachMethodByHand) {
  // 1-1 touches 0-0, and so on to 3-2. Then, with 5-4, no word of 0-4 is free and one of 4-4 is.
  EXPECT_EQ(symmetrize("intersect"), "0-0\n\n\n7-7\n");
  EXPECT_EQ(symmetrize("union"), "0-0 0-4 1-1 1-2 2-1 3-2 4-4 5-4\n\n2-3\n7-7\n");
  EXPECT_EQ(symmetrize("grow-diag"), "0-0 1-1 1-2 2-1 3-2\n\n\n7-7\n");
  EXPECT_EQ(symmetrize("grow-diag-final"), "0-0 1-1 1-2 2-1 3-2 4-4 5-4\n\n2-3\n7-7\n");
  EXPECT_EQ(symmetrize("grow-diag-final-and"), "0-0 1-1 1-2 2-1 3-2 5-4\n\n2-3\n7-7\n");
  EXPECT_EQ(run_well({"symmetrize", "forward", "reverse"}), symmetrize("grow-diag-final-and"));
}

TEST_F(Symmetrize, ReadsAndWritesEveryConvention) {
  folder_.write("from_one", "1-1 2-2 2-3 6-5\n\n\n8-8\n");
  folder_.write("target_first", "2-3 0-0 1-2 4-4 4-0\n\n3-2\n7-7\n");
  folder_.write("both", "3-4 1-1 2-3 5-5 5-1\n\n4-3\n8-8\n");
  const std::string expected = symmetrize("grow-diag-final-and");
  EXPECT_EQ(run_well({"symmetrize", "from_one", "reverse", "--forward-one-based"}), expected);
  EXPECT_EQ(run_well({"symmetrize", "forward", "target_first", "--reverse-transposed"}), expected);
  EXPECT_EQ(run_well({"symmetrize", "forward", "both", "--reverse-transposed",
                      "--reverse-one-based", "--one-based"}),
            "1-1 2-2 2-3 3-2 4-3 6-5\n\n3-4\n8-8\n");
}

TEST_F(Symmetrize, WritesProbabilities) {
  EXPECT_EQ(run_well({"symmetrize", "-", "reverse", "--soft", "--method", "union"},
                     "0-0:0.5 1-1:0.3\n\n\n7-7:0\n"),
            "0-0:0.7500 0-4:0.5000 1-1:0.1500 2-1:0.5000 3-2:0.5000 4-4:0.5000\n\n2-3:0.5000\n"
            "7-7:0.5000\n");
}

TEST_F(Symmetrize, WritesAFileAndNothingElseToStandardOutput) {
  EXPECT_EQ(run_well({"symmetrize", "forward", "-", "-o", "out"}, read_file(folder_ / "reverse")),
            "");
  EXPECT_EQ(read_file(folder_ / "out"), symmetrize("grow-diag-final-and"));
}

TEST_F(Symmetrize, NeedsAsManyLines) {
  folder_.write("longer", "0-0\n\n\n\n\n0-0");
  for (const bool is_forward : {true, false}) {
    const ProgramResult result = run({"symmetrize", is_forward ? "longer" : "forward",
                                      is_forward ? "reverse" : "longer", "-o", "out"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, AllOf(HasSubstr("longer has 6"),
                                  HasSubstr(is_forward ? "reverse has 4" : "forward has 4")));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "out"));
  }
}

TEST_F(Symmetrize, NamesFileAndLineOfWhatIsNoLink) {
  folder_.write("broken", "0-0\n\n2+3\n0-0\n");
  const ProgramResult result = run({"symmetrize", "forward", "broken"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("broken:3: "), HasSubstr("'2+3'")));
  EXPECT_THAT(run({"symmetrize", "forward", "reverse", "--forward-one-based"}).err,
              AllOf(HasSubstr("forward:1: "), HasSubstr("counted from 1")));
  EXPECT_EQ(run({"symmetrize", "forward", "missing"}).exit_code, 1);
}

TEST_F(Symmetrize, RefusesWrongUsage) {
  EXPECT_EQ(run({"symmetrize", "-", "-"}).exit_code, 2);
  EXPECT_EQ(run({"symmetrize", "forward"}).exit_code, 2);
  EXPECT_EQ(run({"symmetrize", "forward", "reverse", "--method", "grow"}).exit_code, 2);
}

TEST_F(Symmetrize, WarnsOfADirectionReadTheWrongWay) {
  folder_.write("forward", repeated("3-2 1-2 4-5\n", 20));
  folder_.write("reverse", repeated("2-3 2-1 5-4\n", 20));
  EXPECT_THAT(run({"symmetrize", "forward", "reverse"}).err,
              HasSubstr("more links with --reverse-transposed"));
  EXPECT_THAT(run({"symmetrize", "forward", "reverse", "--reverse-transposed"}).err,
              Not(HasSubstr("more links")));
}

class EvaluateAlignments : public LinkFiles {
 protected:
  void SetUp() override {
    // Of 5 links 3 are possible and 2 of them sure, of 3 sure ones.
    folder_.write("gold", "0-0 1?1\n2-2\n\n1-0\n");
    folder_.write("links", "0-0 1-1:0.5\n2-2\n3-3\n0-1\n");
    folder_.write("silent", "\n\n\n\n");
  }
};

TEST_F(EvaluateAlignments, ByHand) {
  const auto json = nlohmann::json::parse(
      run_well({"evaluate", "--alignments", "links", "gold", "--json", "--bootstrap", "0"}));
  const auto& gold = json.at("gold");
  EXPECT_EQ(gold.at("pairs"), 4);
  EXPECT_EQ(gold.at("sure"), 3);
  EXPECT_EQ(gold.at("possible"), 4);
  const auto& result = json.at("alignments").at(0);
  EXPECT_EQ(result.at("links"), 5);
  EXPECT_EQ(result.at("sure_hits"), 2);
  EXPECT_EQ(result.at("possible_hits"), 3);
  EXPECT_DOUBLE_EQ(result.at("precision").get<double>(), 3.0 / 5);
  EXPECT_DOUBLE_EQ(result.at("recall").get<double>(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(result.at("f1").get<double>(), 12.0 / 19);
  EXPECT_DOUBLE_EQ(result.at("alignment_error_rate").get<double>(), 1.0 - 5.0 / 8);
  EXPECT_FALSE(result.contains("confidence_mean"));
}

TEST_F(EvaluateAlignments, PrintsATable) {
  const auto lines = lines_of(run_well({"evaluate", "--alignments", "links", "silent", "gold"}));
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_THAT(lines[1], AllOf(HasSubstr("37.50"), HasSubstr("60.00"), HasSubstr("66.67"),
                              HasSubstr("63.16"), HasSubstr("links")));
  EXPECT_THAT(lines[2], AllOf(HasSubstr("100.00"), HasSubstr("silent")));
  EXPECT_THAT(lines[3], HasSubstr("4 pairs, 3 sure of 4 possible"));
}

TEST_F(EvaluateAlignments, ReadsEveryConvention) {
  const auto result = [&](std::vector<std::string> options) {
    options.insert(options.begin(), {"evaluate", "--alignments", "links", "gold"});
    return lines_of(run_well(options)).at(1);
  };
  const std::string expected = result({});
  folder_.write("gold", "1-1 2?2\n3-3\n\n1-2\n");
  EXPECT_EQ(result({"--gold-one-based", "--gold-transposed"}), expected);
  folder_.write("links", "1-1 2-2\n3-3\n4-4\n1-2\n");
  EXPECT_EQ(result({"--gold-one-based", "--gold-transposed", "--one-based"}), expected);
}

TEST_F(EvaluateAlignments, WarnsOfLinksReadTheWrongWay) {
  folder_.write("links", repeated("0-0 2-5\n", 20));
  folder_.write("gold", repeated("1-1 3-6\n", 20));
  const std::vector<std::string> arguments{"evaluate", "--alignments", "links", "gold"};
  EXPECT_THAT(run(arguments).err, HasSubstr("more links with --gold-one-based"));
  folder_.write("gold", repeated("0-0 2-5\n", 20));
  EXPECT_EQ(run(arguments).err, "");
}

TEST_F(EvaluateAlignments, RefusesOptionsOfTranslations) {
  const std::vector<std::vector<std::string>> conflicts{{"--metric", "bleu"},
                                                        {"--against", "silent"},
                                                        {"--lowercase"},
                                                        {"--tokenize", "char"},
                                                        {"--randomization", "5"}};
  for (auto arguments : conflicts) {
    const std::string option = arguments.front();
    arguments.insert(arguments.begin(), {"evaluate", "--alignments", "links", "gold"});
    const ProgramResult result = run(arguments);
    EXPECT_EQ(result.exit_code, 2) << option;
    EXPECT_THAT(result.err, HasSubstr(option));
  }
  for (const char* option : {"--one-based", "--gold-one-based", "--gold-transposed"})
    EXPECT_EQ(run({"evaluate", "links", "gold", option}).exit_code, 2) << option;
  EXPECT_EQ(run({"evaluate", "--alignments", "links"}).exit_code, 2);
  EXPECT_EQ(run({"evaluate", "--alignments", "links", "gold", "--bootstrap", "1"}).exit_code, 2);
}

TEST_F(EvaluateAlignments, TranslationsAreEvaluatedAsBefore) {
  folder_.write("text", "a b c d e\n");
  const std::string out = run_well({"evaluate", "text", "text"});
  EXPECT_THAT(out, AllOf(HasSubstr("BLEU    = 100.00"), Not(HasSubstr("AER"))));
}

// The gold links themselves have no error, and agree with what was left of them.
TEST_F(EvaluateAlignments, RealGoldLinks) {
  const auto corpus = shared_corpus("kftt30k");
  if (corpus.empty()) GTEST_SKIP() << "the corpus kftt30k is not there";
  const std::string gold = (corpus / "align-dev.gold").string();
  run_well({"symmetrize", gold, gold, "--forward-one-based", "--reverse-one-based", "-o", "links"});
  const auto json = nlohmann::json::parse(
      run_well({"evaluate", "--alignments", "links", gold, "--gold-one-based", "--json"}));
  EXPECT_EQ(json.at("alignments").at(0).at("alignment_error_rate"), 0.0);
  EXPECT_EQ(json.at("alignments").at(0).at("links"), json.at("gold").at("sure"));
}

}  // namespace
}  // namespace heed
