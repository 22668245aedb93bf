#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/trained_model.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using Score = TrainedModel;

TEST_F(Score, EqualsWhatTheSearchSaid) {
  const auto found =
      nlohmann::json::parse(translate({"--json", "--precision", "fp32"}, "ba ko mi\n"));
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
  EXPECT_THAT(with({"--format", "text"}),
              AllOf(HasSubstr("\nline 20: log-probability -"), Not(HasSubstr(" -0.00\n"))));
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
