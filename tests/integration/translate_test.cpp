#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/support/trained_model.h"

namespace heed {
namespace {

using ::testing::HasSubstr;

// Bytes of every awkward kind; a line feed alone ends a line.
std::vector<std::string> awkward_lines() {
  return {"ba ko",
          "",
          "   ",
          "\t",
          "mi\r",
          "\xff\xfe broken",
          "ko \xc3",
          "line\xe2\x80\xa8separator",
          "form\x0c"
          "feed and \x0b tab",
          std::string("nul \0 byte", 10),
          "日本語 のテスト",
          std::string(3000, 'x'),
          "<b>&amp;</b> ||| 0-0",
          "\xf0\x9f\x98\x80 e\xcc\x81"};
}

std::string join_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

using OneLineInOneLineOut = TrainedModel;

TEST_F(OneLineInOneLineOut, WhateverTheLineAndTheOptions) {
  const std::vector<std::string> lines = awkward_lines();
  const std::vector<std::vector<std::string>> option_sets{
      {},
      {"--beam-size", "1"},
      {"--batch-tokens", "1"},
      {"--markup"},
      {"--threads", "1", "--alignments", "pharaoh"}};
  for (const auto& options : option_sets) {
    const auto out = lines_of(translate(options, join_lines(lines)));
    ASSERT_EQ(out.size(), lines.size());
    if (options.size() == 4) continue;  // with alignments an empty line has its empty list
    EXPECT_EQ(out[1], "");
    EXPECT_EQ(out[2], "");
  }
}

TEST_F(OneLineInOneLineOut, WithoutAFinalLineFeedToo) {
  EXPECT_EQ(lines_of(translate({}, "ba ko\nmi")).size(), 2u);
  EXPECT_EQ(translate({}, ""), "");
  EXPECT_EQ(translate({}, "\n"), "\n");
}

using Translate = TrainedModel;

TEST_F(Translate, BatchesAndThreadsChangeNothing) {
  const std::string input = read_file(toy_.path() / "train.src");
  const std::string expected = translate({"--batch-tokens", "1", "--threads", "1"}, input);
  EXPECT_EQ(translate({}, input), expected);
  EXPECT_EQ(translate({"--batch-tokens", "100", "--threads", "3"}, input), expected);
}

TEST_F(Translate, EveryPrecisionFindsTheSameOrNearlyTheSameScores) {
  const auto exact = nlohmann::json::parse(translate({"--json", "--precision", "fp32"}, "ba ko\n"));
  for (const char* precision : {"bf16", "int8", "auto"}) {
    const auto found =
        nlohmann::json::parse(translate({"--json", "--precision", precision}, "ba ko\n"));
    EXPECT_EQ(found.at("translation"), exact.at("translation")) << precision;
    EXPECT_NEAR(found.at("log_probability").get<double>(),
                exact.at("log_probability").get<double>(), 0.1)
        << precision;
  }
}

TEST_F(Translate, LimitsOfOutputs) {
  const auto pieces = [this](const std::vector<std::string>& options) {
    std::vector<std::string> all{"--json"};
    all.insert(all.end(), options.begin(), options.end());
    return nlohmann::json::parse(translate(all, "ba ko ba\n"))
        .at("pieces")
        .get<std::vector<std::string>>();
  };
  EXPECT_LT(pieces({}).size(), 6U);
  EXPECT_GE(pieces({"--min-length", "6"}).size(), 6U);
  auto once = pieces({"--no-repeat-ngram", "1"});
  std::sort(once.begin(), once.end());
  EXPECT_EQ(std::adjacent_find(once.begin(), once.end()), once.end());
}

TEST_F(Translate, FileInAndFileOut) {
  const std::string expected = translate({}, read_file(toy_.path() / "dev.src"));
  EXPECT_EQ(translate({"dev.src", "--output", "out.txt"}, ""), "");
  EXPECT_EQ(read_file(toy_.path() / "out.txt"), expected);
}

TEST_F(Translate, WarnsOfBrokenTextByLine) {
  const ProgramResult result =
      run_heed(toy_.path(), {"translate", "--model", "run"}, "ba\nko \xff\n");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("stdin:2"));
}

TEST_F(Translate, NBestIsOrderedAndItsFirstIsTheOneBest) {
  const std::string best = lines_of(translate({"--beam-size", "4"}, "ba ko mi\n")).front();
  const auto lines = lines_of(translate({"--beam-size", "4", "--n-best", "4"}, "ba ko mi\n"));
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_THAT(lines[0], ::testing::StartsWith("0 ||| " + best + " ||| "));
  double previous = 0.0;
  for (const std::string& line : lines) {
    const double score = std::stod(line.substr(line.rfind("||| ") + 4));
    EXPECT_LE(score, previous);
    previous = score;
  }
}

TEST_F(Translate, JsonHasWhatWasTranslated) {
  const auto object = nlohmann::json::parse(translate({"--json"}, "ba ko mi\n"));
  EXPECT_EQ(object.at("source"), "ba ko mi");
  EXPECT_EQ(object.at("translation").get<std::string>() + "\n", translate({}, "ba ko mi\n"));
  EXPECT_EQ(object.at("pieces").size(), object.at("tokens").size());
  EXPECT_LT(object.at("log_probability").get<double>(), 0.0);
  const auto words = object.at("words").size();
  for (const auto& link : object.at("alignment")) {
    EXPECT_LT(link[0].get<std::size_t>(), 3u);
    EXPECT_LT(link[1].get<std::size_t>(), words);
  }
}

// The toy model's vocabulary has neither braces nor a name to stand in for placeholders.
TEST_F(Translate, CarriesMarkup) {
  const std::string plain = translate({}, "ba ko mi\n");
  const std::string out = translate({"--markup"}, "<p>ba <b>ko</b> <br/> mi</p>\n");
  EXPECT_THAT(out, ::testing::StartsWith("<p>"));
  EXPECT_THAT(out, ::testing::EndsWith("</p>\n"));
  EXPECT_LT(out.find("<b>"), out.find("</b>"));
  EXPECT_THAT(out, HasSubstr("<br/>"));
  EXPECT_EQ(translate({"--markup"}, "ba ko mi\n<b>ba ko mi</b>\n\n<b></b>\n{0} %s!\n"),
            plain + "<b>" + lines_of(plain)[0] + "</b>\n\n<b></b>\n{0} %s!\n");
}

TEST_F(Translate, CarriesPlaceholdersWhateverTheOptions) {
  const std::string input = "ba {0} ko <b>{name}</b>\n&lt;mi&gt; {0}{1} %s\nba <i x='\n";
  const auto count = [](const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
  };
  const std::vector<std::vector<std::string>> option_sets{
      {}, {"--beam-size", "1"}, {"--placeholder-word", "re"}, {"--alignments", "soft"}};
  for (auto options : option_sets) {
    options.emplace_back("--markup");
    const auto lines = lines_of(translate(options, input));
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_EQ(count(lines[0], "{"), 2u) << lines[0];
    EXPECT_EQ(count(lines[0], "{0}") + count(lines[0], "{name}"), 2u) << lines[0];
    EXPECT_EQ(count(lines[0], "<b>") + count(lines[0], "</b>"), 2u) << lines[0];
    EXPECT_EQ(count(lines[1], "{0}{1}") + count(lines[1], "%s"), 2u) << lines[1];
    EXPECT_EQ(count(lines[2], ">"), 0u) << lines[2];
  }
}

TEST_F(Translate, MarkupGoesWithNBestAndJson) {
  const std::string input = "ba <b>ko</b> {0}\n";
  for (const std::string& line :
       lines_of(translate({"--markup", "--beam-size", "3", "--n-best", "3"}, input))) {
    EXPECT_THAT(line, HasSubstr("<b>"));
    EXPECT_THAT(line, HasSubstr("{0}"));
  }
  const auto object = nlohmann::json::parse(
      translate({"--markup", "--json", "--beam-size", "2", "--n-best", "2"}, input));
  EXPECT_EQ(object.at("source"), "ba <b>ko</b> {0}");
  EXPECT_EQ(object.at("source_words").size(), 3u);
  EXPECT_EQ(object.at("n_best").size(), 2u);
  EXPECT_EQ(object.at("n_best")[0].at("translation"), object.at("translation"));
  EXPECT_THAT(object.at("translation").get<std::string>(), HasSubstr("{0}"));
  EXPECT_EQ(object.at("translation_text").get<std::string>() + "\n",
            translate({"--beam-size", "2"}, object.at("source_text").get<std::string>() + "\n"));
}

TEST_F(Translate, WrongUsageNamesTheWayOut) {
  const ProgramResult no_model = run_heed(toy_.path(), {"translate", "--model", "nowhere"}, "ba\n");
  EXPECT_EQ(no_model.exit_code, 1);
  EXPECT_THAT(no_model.err, HasSubstr("nowhere"));
  const ProgramResult bad =
      run_heed(toy_.path(), {"translate", "--model", "run", "--alignments", "x"}, "");
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_THAT(bad.err, HasSubstr("pharaoh"));
  EXPECT_EQ(run_heed(toy_.path(),
                     {"translate", "--model", "run", "--beam-size", "2", "--n-best", "9"}, "")
                .exit_code,
            2);
  EXPECT_EQ(run_heed(toy_.path(), {"translate", "--model", "run", "--placeholder-word", "x"}, "")
                .exit_code,
            2);
}

TEST_F(Translate, CTranslate2sRuleCutsAtTheMaximumLength) {
  const auto one_piece = [&](const std::string& rule) {
    const auto object = nlohmann::json::parse(translate(
        {"--json", "--stopping", rule, "--max-length", "1", "--beam-size", "1"}, "ba ko mi du\n"));
    EXPECT_EQ(object.at("tokens").size(), 1u);
    return object.at("log_probability").get<double>() / object.at("score").get<double>();
  };
  EXPECT_DOUBLE_EQ(one_piece("ctranslate2"), 1.0);  // the length that counts: that of the piece
  EXPECT_DOUBLE_EQ(one_piece("bound"), 2.0);        // and of its end
}

TEST_F(Translate, RefusesADamagedModel) {
  std::filesystem::copy(toy_.path() / "run/last/", toy_.path() / "model",
                        std::filesystem::copy_options::recursive);
  const auto weights = toy_.path() / "model/model.safetensors";
  std::filesystem::resize_file(weights, std::filesystem::file_size(weights) / 2);
  const ProgramResult result = run_heed(toy_.path(), {"translate", "--model", "model"}, "ba\n");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("model.safetensors"));
  EXPECT_THAT(result.err, HasSubstr("truncated"));
}

TEST_F(Translate, AViewShowsTheSearchAndChangesNothing) {
  const std::string input = "ba ko mi\n\ndu re\nno\n";
  const std::string plain = run_heed_well(toy_.path(), {"translate", "--model", "run"}, input);
  EXPECT_EQ(run_heed_well(toy_.path(),
                          {"translate", "--model", "run", "--view", "v.html", "--view-lines", "3"},
                          input),
            plain);
  const auto data = page_data(read_file(toy_.path() / "v.html"));
  const auto& records = data.at("records");
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].at("decoding").at("beam_size"), 5);
  EXPECT_EQ(records[0].at("decoding").at("steps").size(),
            records[0].at("pieces").at("target").size());
  EXPECT_FALSE(records[1].contains("decoding"));  // nothing was searched for
  EXPECT_EQ(records[0].at("target"), lines_of(plain)[0]);
}

TEST_F(Translate, AViewOfAnOutputThatWasCutOffHasNoSearch) {
  translate({"--stopping", "ctranslate2", "--max-length", "1", "--view", "v.html"}, "ba ko mi\n");
  const auto records = page_data(read_file(toy_.path() / "v.html")).at("records");
  ASSERT_EQ(records.size(), 1u);
  EXPECT_FALSE(records[0].contains("decoding"));
}

}  // namespace
}  // namespace heed
