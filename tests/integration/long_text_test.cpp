#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/trained_model.h"

namespace heed {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using LongText = TrainedModel;

std::string times(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

TEST_F(LongText, SentencesAreTranslatedAsByThemselves) {
  const auto single = lines_of(translate({}, "ba ko!\nmi du\nno.\n"));
  EXPECT_EQ(translate({"--split-sentences"}, " ba ko!  mi du\n\nno.\tBa ko! \n"),
            single[0] + "  " + single[1] + "\n\n" + single[2] + "\t" + translate({}, "Ba ko!\n"));
}

TEST_F(LongText, LinksPiecesAndScoresAreThoseOfTheLine) {
  const std::vector<std::string> options{"--json", "--split-sentences", "--beam-size",
                                         "2",      "--n-best",          "2"};
  const auto line = nlohmann::json::parse(translate(options, "ba ko! mi du no\n"));
  const auto first = nlohmann::json::parse(translate(options, "ba ko!\n"));
  const auto second = nlohmann::json::parse(translate(options, "mi du no\n"));
  EXPECT_EQ(line.at("source_words").size(), 5U);
  for (const char* key : {"words", "pieces", "tokens", "source_pieces"}) {
    auto expected = first.at(key);
    for (const auto& value : second.at(key)) expected.push_back(value);
    EXPECT_EQ(line.at(key), expected) << key;
  }
  for (const char* key : {"score", "log_probability"})
    EXPECT_NEAR(line.at(key).get<double>(),
                first.at(key).get<double>() + second.at(key).get<double>(), 1e-4);
  std::vector<std::pair<int, int>> expected;
  for (const auto& link : first.at("alignment")) expected.emplace_back(link[0], link[1]);
  const int words = static_cast<int>(first.at("words").size());
  for (const auto& link : second.at("alignment"))
    expected.emplace_back(link[0].get<int>() + 2, link[1].get<int>() + words);
  std::vector<std::pair<int, int>> links;
  for (const auto& link : line.at("alignment")) links.emplace_back(link[0], link[1]);
  EXPECT_EQ(links, expected);
  ASSERT_EQ(line.at("n_best").size(), 2U);
  EXPECT_GE(line.at("n_best")[0].at("score"), line.at("n_best")[1].at("score"));
}

TEST_F(LongText, ALineBeyondTheTrainedLengthIsCutWithAWarning) {
  const std::string input = "ba ko mi\n" + times(200, "ba ko, ") + "\n";
  const ProgramResult result =
      run_heed(toy_.path(), {"translate", "--model", "run", "--beam-size", "1"}, input);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(lines_of(result.out).size(), 2U);
  EXPECT_THAT(result.err, HasSubstr("line 2: "));
  EXPECT_THAT(result.err, HasSubstr("trained on has 256"));
  EXPECT_THAT(result.err, Not(HasSubstr("line 1: ")));
}

TEST_F(LongText, TheFirstTenLongLinesAreNamed) {
  const ProgramResult result = run_heed(
      toy_.path(), {"translate", "--model", "run", "--beam-size", "1", "--split-length", "2"},
      times(12, "ba ko mi\n"));
  EXPECT_EQ(lines_of(result.out).size(), 12U);
  EXPECT_THAT(result.err, HasSubstr("line 10: "));
  EXPECT_THAT(result.err, Not(HasSubstr("line 11: ")));
  EXPECT_THAT(result.err, HasSubstr("12 in all"));
}

TEST_F(LongText, SplitLengthOverridesTheLimit) {
  const std::string input = "ba ko, mi du\n";
  const auto parts = lines_of(translate({}, "ba ko,\nmi du\n"));
  const ProgramResult cut =
      run_heed(toy_.path(), {"translate", "--model", "run", "--split-length", "4"}, input);
  EXPECT_THAT(cut.err, HasSubstr("line 1: "));
  EXPECT_EQ(cut.out, parts[0] + " " + parts[1] + "\n");
  const ProgramResult whole =
      run_heed(toy_.path(), {"translate", "--model", "run", "--split-length", "0"},
               times(300, "ba ko ") + "\n");
  EXPECT_EQ(whole.exit_code, 0);
  EXPECT_THAT(whole.err, Not(HasSubstr("warning")));
}

TEST_F(LongText, OneLineInOneLineOutWhateverTheLineAndTheOptions) {
  const std::string input = times(900, "ba ko ") + "\n" + std::string(4000, 'x') + "\n\n" +
                            times(700, "<b>ba {0}.</b> ") + "\n" + times(900, "猫。") + "\n" +
                            std::string(3000, ' ') + "\nba\n";
  const std::vector<std::vector<std::string>> option_sets{
      {},
      {"--split-sentences"},
      {"--markup"},
      {"--markup", "--split-sentences", "--json"},
      {"--alignments", "soft"},
      {"--split-length", "3"},
      {"--view", "v.html", "--json"}};
  for (auto options : option_sets) {
    options.insert(options.end(), {"--beam-size", "1", "--max-length", "20"});
    EXPECT_EQ(lines_of(translate(options, input)).size(), 7U) << fmt::format("{}", options);
  }
}

TEST_F(LongText, MarkupComesThroughALineInParts) {
  const std::string input = "ba <b>ko</b>! " + times(100, "mi, ") + "<i>du</i>\n";
  const std::string out =
      translate({"--markup", "--split-length", "20", "--beam-size", "1"}, input);
  EXPECT_EQ(lines_of(out).size(), 1U);
  for (const char* tag : {"<b>", "</b>", "<i>", "</i>"}) {
    EXPECT_THAT(out, HasSubstr(tag));
    EXPECT_EQ(out.find(tag), out.rfind(tag));
  }
  EXPECT_LT(out.find("</b>"), out.find("<i>"));
}

TEST_F(LongText, APageShowsThePartsOneByOne) {
  translate({"--split-sentences", "--view", "v.html", "--view-lines", "2"},
            "ba ko! mi du\nno\nre\n");
  const auto data = page_data(read_file(toy_.path() / "v.html"));
  const auto& records = data.at("records");
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].at("source"), "ba ko!");
  EXPECT_EQ(records[1].at("source"), "mi du");
  EXPECT_EQ(records[1].at("line"), 1);
  EXPECT_EQ(records[2].at("line"), 2);
  EXPECT_EQ(records[1].at("decoding").at("steps").size(),
            records[1].at("pieces").at("target").size());
}

}  // namespace
}  // namespace heed
