#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "app/align/npz_writer.h"
#include "tests/support/toy_run.h"

namespace heed {
namespace {

using ::testing::HasSubstr;

class TrainedModel : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(toy_.train("run").exit_code, 0); }

  std::string translate(std::vector<std::string> arguments, const std::string& input) const {
    arguments.insert(arguments.begin(), {"translate", "--model", "run"});
    return run_heed_well(toy_.path(), arguments, input);
  }

  ToyRun toy_;
};

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

using Score = TrainedModel;

TEST_F(Score, EqualsWhatTheSearchSaid) {
  const auto found = nlohmann::json::parse(translate({"--json"}, "ba ko mi\n"));
  const std::string pair = "ba ko mi\t" + found.at("translation").get<std::string>() + "\n";
  const double scored = std::stod(run_heed_well(toy_.path(), {"score", "--model", "run"}, pair));
  EXPECT_NEAR(scored, found.at("log_probability").get<double>(), 1e-3);
}

TEST_F(Score, OneLineAPairAlsoForEmptyOnes) {
  const std::string out =
      run_heed_well(toy_.path(), {"score", "--model", "run"}, "ba\tBA\n\t\nba\t\n\tBA\n");
  EXPECT_EQ(lines_of(out).size(), 4u);
}

TEST_F(Score, FilesOfDifferentLengthAreAnError) {
  write_file(toy_.path() / "short.tgt", "BA\n");
  const ProgramResult result =
      run_heed(toy_.path(), {"score", "--model", "run", "dev.src", "short.tgt"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("short.tgt ends after 1 lines"));
}

using Align = TrainedModel;

TEST_F(Align, EveryFormatForEveryPair) {
  const std::vector<std::string> base{"align", "--model", "run", "dev.src", "dev.tgt"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), base.begin(), base.end());
    return run_heed_well(toy_.path(), more);
  };
  EXPECT_EQ(lines_of(with({})).size(), 20u);
  EXPECT_THAT(with({"--format", "soft"}), HasSubstr(":"));
  const auto json = lines_of(with({"--format", "json", "--attention", "cross"}));
  ASSERT_EQ(json.size(), 20u);
  EXPECT_EQ(nlohmann::json::parse(json[0]).at("attention").size(), 4u);  // 2 layers of 2 heads
  EXPECT_THAT(with({"--format", "html"}), HasSubstr("</html>"));
  EXPECT_EQ(with({"--format", "npz"}).substr(0, 2), "PK");
  EXPECT_THAT(with({"--format", "text"}), HasSubstr("\nline 20: log-probability"));
}

TEST_F(Align, AFigureAPair) {
  const std::vector<std::string> svg{"align", "--model", "run", "--format", "svg"};
  EXPECT_THAT(run_heed_well(toy_.path(), svg, "ba\tBA\n"), HasSubstr("</svg>"));
  EXPECT_EQ(run_heed(toy_.path(), svg, "ba\tBA\nko\tKO\n").exit_code, 2);
  auto to_file = svg;
  to_file.insert(to_file.end(), {"-o", "figure.svg"});
  run_heed_well(toy_.path(), to_file, "ba\tBA\nko\tKO\n");
  EXPECT_THAT(read_file(toy_.path() / "figure-2.svg"), HasSubstr(">KO</text>"));
  EXPECT_FALSE(std::filesystem::exists(toy_.path() / "figure.svg"));
}

/// The data block of a page.
nlohmann::json page_data(const std::string& page) {
  const std::size_t begin = page.find("id=\"heed-data\">") + 15;
  return nlohmann::json::parse(page.substr(begin, page.find("</script", begin) - begin));
}

TEST_F(Align, ThePageSaysWhatTheOtherFormatsSay) {
  for (const std::string format : {"html", "json", "pharaoh"})
    run_heed_well(toy_.path(), {"align", "--model", "run", "--target-join", "", "--format", format,
                                "-o", "out." + format, "dev.src", "dev.tgt"});
  const auto data = page_data(read_file(toy_.path() / "out.html"));
  const auto& record = data.at("records").at(1);
  double given = 0.0;
  for (const auto& candidate : record.at("decoding").at("steps").back())
    if (candidate.contains("output")) given = candidate.at("log_probability");
  EXPECT_NEAR(given, record.at("log_probability").get<double>(), 1e-3);
  // Links and weights of all pairs; what is shown only where there is a browser.
  const std::string command = fmt::format(
      "cd {} && python3 {}/scripts/check_page.py out.html --json out.json --pharaoh out.pharaoh "
      ">checked 2>&1",
      shell_quoted(toy_.path().string()), shell_quoted(HEED_SOURCE_DIR));
  EXPECT_EQ(std::system(command.c_str()), 0) << read_file(toy_.path() / "checked");
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

TEST_F(Align, OneBasedIsZeroBasedPlusOne) {
  const std::string pair = "ba\tBA\n";
  EXPECT_EQ(run_heed_well(toy_.path(), {"align", "--model", "run", "--no-end-unlinks"}, pair),
            "0-0\n");
  EXPECT_EQ(run_heed_well(toy_.path(),
                          {"align", "--model", "run", "--no-end-unlinks", "--one-based"}, pair),
            "1-1\n");
}

TEST_F(Align, AListOptionLeavesTheFilesAlone) {
  write_file(toy_.path() / "one.src", "ba\n");
  write_file(toy_.path() / "one.tgt", "BA\n");
  EXPECT_EQ(run_heed_well(toy_.path(), {"align", "--model", "run", "--no-end-unlinks", "--layers",
                                        "-1,0", "--heads", "0", "one.src", "one.tgt"}),
            "0-0\n");
}

TEST_F(Align, JoinedWordsAreStillTheUnits) {
  const std::string pair = "ba ko mi\tMI KO BA\n";
  const auto record = nlohmann::json::parse(run_heed_well(
      toy_.path(), {"align", "--model", "run", "--format", "json", "--target-join", ""}, pair));
  EXPECT_EQ(record.at("target"), "MIKOBA");
  EXPECT_EQ(record.at("target_units"), nlohmann::json({"MI", "KO", "BA", "</s>"}));
}

TEST_F(Align, ComparesWithGold) {
  write_file(toy_.path() / "gold", "1-1\n");
  const ProgramResult result = run_heed(
      toy_.path(),
      {"align", "--model", "run", "--no-end-unlinks", "--gold", "gold", "--gold-one-based"},
      "ba\tBA\n");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("AER 0.00 %"));
  const ProgramResult beyond =
      run_heed(toy_.path(), {"align", "--model", "run", "--gold", "gold"}, "ba\tBA\n");
  EXPECT_EQ(beyond.exit_code, 1);
  EXPECT_THAT(beyond.err, HasSubstr("--gold-one-based"));
}

using Attribution = TrainedModel;

TEST_F(Attribution, HasARowForEachTargetUnitAndAColumnForEachSourceUnit) {
  const std::string pairs = "ba ko mi\tMI KO BA\n\t\nba\tBA\n\tBA\n";
  const auto lines = lines_of(run_heed_well(toy_.path(),
                                            {"align", "--model", "run", "--format", "json",
                                             "--attribution", "gradient,attention,occlusion"},
                                            pairs));
  ASSERT_EQ(lines.size(), 4u);
  for (const std::string& line : lines) {
    const auto record = nlohmann::json::parse(line);
    ASSERT_EQ(record.at("attribution").size(), 3u);
    EXPECT_EQ(record.at("attribution")[0].at("method"), "attention");
    EXPECT_EQ(record.at("attribution")[1].at("method"), "occlusion");
    EXPECT_EQ(record.at("attribution")[2].at("method"), "gradient");
    for (const auto& attribution : record.at("attribution")) {
      ASSERT_EQ(attribution.at("scores").size(), record.at("target_units").size());
      for (const auto& row : attribution.at("scores"))
        EXPECT_EQ(row.size() + 1, record.at("source_units").size());
    }
    EXPECT_EQ(record.at("attribution_agreement").size(), 3u);
  }
}

TEST_F(Attribution, OcclusionIsWhatScoreSaysOfTheShorterSource) {
  const auto record = nlohmann::json::parse(run_heed_well(
      toy_.path(), {"align", "--model", "run", "--format", "json", "--attribution", "occlusion"},
      "ba ko mi\tMI KO\n"));
  const auto scores =
      lines_of(run_heed_well(toy_.path(), {"score", "--model", "run"},
                             "ba ko mi\tMI KO\nko mi\tMI KO\nba mi\tMI KO\nba ko\tMI KO\n"));
  for (std::size_t unit = 0; unit < 3; ++unit) {
    double fall = 0.0;  // of the whole target
    for (const auto& row : record.at("attribution")[0].at("scores"))
      fall += row[unit].get<double>();
    EXPECT_NEAR(fall, std::stod(scores[0]) - std::stod(scores[unit + 1]), 1e-4);
  }
}

TEST_F(Attribution, AttentionIsWhatLinksAreReadFrom) {
  const auto record = nlohmann::json::parse(
      run_heed_well(toy_.path(),
                    {"align", "--model", "run", "--format", "json", "--attribution", "attention",
                     "--attention", "cross", "--layers", "1", "--heads", "0"},
                    "ba ko mi\tMI KO BA\n"));
  const auto& head = record.at("attention")[2];
  ASSERT_EQ(head.at("layer"), 1);
  ASSERT_EQ(head.at("head"), 0);
  for (std::size_t row = 0; row < 4; ++row) {
    auto weights = head.at("weights")[row];
    weights.erase(3);  // the end of the sentence
    EXPECT_EQ(record.at("attribution")[0].at("scores")[row], weights);
  }
}

TEST_F(Attribution, ComparesMethodsAtTheEnd) {
  const std::vector<std::string> command{
      "align", "--model", "run", "dev.src", "dev.tgt", "--attribution", "attention,occlusion"};
  const ProgramResult to_log = run_heed(toy_.path(), command);
  EXPECT_EQ(to_log.exit_code, 0);
  EXPECT_EQ(lines_of(to_log.out).size(), 20u);
  EXPECT_THAT(to_log.err, HasSubstr("attention, occlusion"));
  std::vector<std::string> with_file = command;
  with_file.insert(with_file.end(), {"--output", "links"});
  EXPECT_THAT(run_heed_well(toy_.path(), with_file), HasSubstr("rank correlation"));
  std::vector<std::string> alone = command;
  alone.back() = "occlusion";
  const ProgramResult refused = run_heed(toy_.path(), alone);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("attention,occlusion"));
  alone.back() = "guess";
  EXPECT_EQ(run_heed(toy_.path(), alone).exit_code, 2);
}

TEST_F(Attribution, GoesIntoArraysAndThePage) {
  const auto with = [&](const std::string& format) {
    return run_heed_well(toy_.path(), {"align", "--model", "run", "dev.src", "dev.tgt", "--format",
                                       format, "--attribution", "occlusion"});
  };
  EXPECT_THAT(with("npz"), HasSubstr("sentence_000001/attribution_occlusion.npy"));
  EXPECT_THAT(with("html"), HasSubstr("</html>"));
}

}  // namespace
}  // namespace heed
