// `heed check` as a user starts it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "tests/support/run_heed.h"
#include "tests/support/toy_run.h"

namespace heed {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

using Lines = std::vector<std::string>;

std::string text_of(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

/// The corpus of the shipped grammar, and copies of it with faults.
class CheckProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    run_heed_well(folder_->path(), {"make-corpus", "--pairs", "3000", "--dev", "100", "--test",
                                    "100", "--out", "clean"});
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  void SetUp() override {
    src_ = lines_of(read_file(folder_->path() / "clean/train.en"));
    tgt_ = lines_of(read_file(folder_->path() / "clean/train.ja"));
  }

  ProgramResult check(std::vector<std::string> arguments, const std::string& input = "") const {
    arguments.insert(arguments.begin(), "check");
    return run_heed(folder_->path(), arguments, input);
  }

  ProgramResult check_bad(const std::vector<std::string>& more = {}) const {
    write_file(folder_->path() / "bad.en", text_of(src_));
    write_file(folder_->path() / "bad.ja", text_of(tgt_));
    std::vector<std::string> arguments{"--src",     "bad.en",         "--tgt",     "bad.ja",
                                       "--dev-src", "clean/dev.en",   "--dev-tgt", "clean/dev.ja",
                                       "--json",    "--max-examples", "1000"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return check(arguments);
  }

  static TemporaryFolder* folder_;
  Lines src_, tgt_;
};

TemporaryFolder* CheckProgram::folder_ = nullptr;

struct Fault {
  std::string kind;
  std::string file;
  std::function<void(std::string& src, std::string& tgt)> plant;
};

using Text = std::string;

std::vector<Fault> faults() {
  const auto in_src = [](const Text& added) { return [added](Text& s, Text&) { s += added; }; };
  const auto in_tgt = [](const Text& added) { return [added](Text&, Text& t) { t += added; }; };
  return {
      {"invalid-utf8", "bad.en", in_src(" caf\xE9")},
      {"invalid-utf8", "bad.ja", in_tgt(" \xE3\x81")},
      {"nul", "bad.en", in_src(std::string(1, '\0'))},
      {"replacement", "bad.ja", in_tgt(" \uFFFD")},
      {"mojibake", "bad.en", in_src(" cafÃ©")},
      {"mojibake", "bad.en", [](Text& s, Text&) { s = "itâ€™s " + s; }},
      {"inner-bom", "bad.ja", in_tgt("\uFEFF")},
      {"crlf", "bad.en", in_src("\r")},
      {"line-break", "bad.ja", in_tgt("\u2028。")},
      {"line-break", "bad.en", in_src("\u0085.")},
      {"line-break", "bad.en", in_src("\v.")},
      {"line-break", "bad.ja", [](Text&, Text& t) { t = "\f" + t; }},
      {"line-break", "bad.en", [](Text& s, Text&) { s = "\r" + s; }},
      {"control", "bad.en", in_src("\x1B[0m")},
      {"invisible", "bad.en", in_src("\u200B")},
      {"invisible", "bad.en", in_src("\u202E")},
      {"empty-side", "bad.en", [](Text& s, Text&) { s = ""; }},
      {"empty-side", "bad.ja", [](Text&, Text& t) { t = " \u3000"; }},
      {"empty-pair", "bad.en", [](Text& s, Text& t) { s = t = ""; }},
      {"script", "bad.ja", [](Text&, Text& t) { t = "the cat was never seen again ."; }},
      {"script", "bad.en", [](Text& s, Text&) { s = "この 行 は 英語 で は あり ませ ん 。"; }},
      {"length-ratio", "bad.en",
       [](Text& s, Text&) {
         for (int i = 0; i < 40; ++i) s += " more";
       }},
  };
}

/// The kinds found at a line of a file.
std::vector<std::string> kinds_at(const json& text, const std::string& file, std::size_t line) {
  std::vector<std::string> kinds;
  for (const json& finding : text["findings"])
    for (const json& place : finding["places"])
      if (place["file"] == file && place["line"] == line) kinds.push_back(finding["kind"]);
  return kinds;
}

/// The places of one kind, as FILE:LINE.
std::vector<std::string> places_of(const json& text, const std::string& kind) {
  std::vector<std::string> places;
  for (const json& finding : text["findings"])
    if (finding["kind"] == kind)
      for (const json& place : finding["places"])
        places.push_back(place["file"].get<std::string>() + ':' +
                         std::to_string(place["line"].get<std::size_t>()));
  return places;
}

TEST_F(CheckProgram, GoodTextIsCleanAndExitsWithZero) {
  const ProgramResult result =
      check({"clean/train.en", "clean/train.ja", "--dev-src", "clean/dev.en", "--dev-tgt",
             "clean/dev.ja", "--test-src", "clean/test.en", "--test-tgt", "clean/test.ja"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_EQ(result.out,
            "train: 3000 pairs in clean/train.en, clean/train.ja: clean\n"
            "dev: 100 pairs in clean/dev.en, clean/dev.ja: clean\n"
            "test: 100 pairs in clean/test.en, clean/test.ja: clean\n");
  EXPECT_EQ(result.err, "");
}

// 22 lines with a fault each, a copy of a line, a pair of the dev text, and a shift.
TEST_F(CheckProgram, FindsEachOf25PlantedFaults) {
  for (const unsigned seed : {1U, 2U, 3U}) {
    SCOPED_TRACE(seed);
    SetUp();
    std::mt19937 random(seed);
    std::vector<std::size_t> lines(2000);
    for (std::size_t i = 0; i < lines.size(); ++i) lines[i] = i + 10;
    std::shuffle(lines.begin(), lines.end(), random);
    const auto list = faults();
    ASSERT_EQ(list.size() + 3, 25U);
    for (std::size_t i = 0; i < list.size(); ++i) list[i].plant(src_[lines[i]], tgt_[lines[i]]);
    const std::size_t copy = lines[30];
    src_[copy] = src_[5];
    tgt_[copy] = tgt_[5];
    const std::size_t leak = lines[31];
    src_[leak] = lines_of(read_file(folder_->path() / "clean/dev.en"))[40];
    tgt_[leak] = lines_of(read_file(folder_->path() / "clean/dev.ja"))[40];
    const std::size_t lost = 2200 + random() % 600;
    (seed % 2 == 0 ? src_ : tgt_)
        .erase((seed % 2 == 0 ? src_ : tgt_).begin() + static_cast<std::ptrdiff_t>(lost));
    (seed % 2 == 0 ? tgt_ : src_).pop_back();

    const ProgramResult result = check_bad();
    EXPECT_EQ(result.exit_code, 1);
    const json text = json::parse(result.out)["texts"][0];
    for (std::size_t i = 0; i < list.size(); ++i)
      EXPECT_THAT(kinds_at(text, list[i].file, lines[i] + 1), testing::Contains(list[i].kind));
    EXPECT_THAT(places_of(text, "duplicate"),
                testing::Contains("bad.en:" + std::to_string(copy + 1)));
    EXPECT_THAT(places_of(text, "overlap"),
                testing::ElementsAre("bad.en:" + std::to_string(leak + 1)));
    ASSERT_EQ(text["slips"].size(), 1U) << result.out;
    EXPECT_EQ(text["slips"][0]["offset_after"], seed % 2 == 0 ? 1 : -1);
    EXPECT_NEAR(text["slips"][0]["src_line"].get<double>(), static_cast<double>(lost), 10);
    std::set<std::size_t> planted(lines.begin(),
                                  lines.begin() + static_cast<std::ptrdiff_t>(list.size()));
    planted.insert({copy, leak});
    for (const json& finding : text["findings"]) {
      for (const json& place : finding["places"]) {
        const std::size_t line = place["line"];
        const bool is_ahead_of_shift = line < 2190;  // behind it any pair may look odd
        EXPECT_TRUE(!is_ahead_of_shift || planted.contains(line - 1)) << finding["kind"] << place;
      }
    }
  }
}

TEST_F(CheckProgram, FixLeavesNothingToFixAndKeepsTheRest) {
  const Lines good_src = src_;
  const Lines good_tgt = tgt_;
  const auto list = faults();
  std::vector<bool> is_touched(src_.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    list[i].plant(src_[50 * i + 7], tgt_[50 * i + 7]);
    is_touched[50 * i + 7] = true;
  }
  const ProgramResult result = check_bad({"--fix", "fixed"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const json fixed = json::parse(result.out)["fixed"];
  const Lines src = lines_of(read_file(folder_->path() / "fixed/bad.en"));
  const Lines tgt = lines_of(read_file(folder_->path() / "fixed/bad.ja"));
  EXPECT_EQ(src.size(), tgt.size());
  EXPECT_EQ(fixed["written"], src.size());
  EXPECT_EQ(fixed["written"].get<std::size_t>() + fixed["dropped"].get<std::size_t>(), 3000U);
  std::size_t next = 0;
  for (std::size_t i = 0; i < good_src.size(); ++i) {
    if (is_touched[i]) continue;
    while (next < src.size() && src[next] != good_src[i]) ++next;  // over what was repaired
    ASSERT_LT(next, src.size()) << "line " << i + 1;
    EXPECT_EQ(tgt[next++], good_tgt[i]);
  }
  EXPECT_EQ(check({"fixed/bad.en", "fixed/bad.ja"}).exit_code, 0);
  EXPECT_EQ(check_bad({"--fix", "fixed"}).exit_code, 2);  // it is there already
}

TEST_F(CheckProgram, SaysWhereFilesOfDifferentLengthsSlip) {
  src_.erase(src_.begin() + 1500);
  const ProgramResult result = check_bad({"--fix", "slipped"});
  EXPECT_EQ(result.exit_code, 1);  // which --fix can't mend
  const json text = json::parse(result.out)["texts"][0];
  EXPECT_THAT(places_of(text, "unpaired"), testing::ElementsAre("bad.ja:3000"));
  ASSERT_EQ(text["slips"].size(), 1U);
  EXPECT_NEAR(text["slips"][0]["src_line"].get<double>(), 1501, 10);
  const ProgramResult shown = check({"bad.en", "bad.ja"});
  EXPECT_THAT(shown.out, HasSubstr("line n belongs to line n + 1 of bad.ja"));
  EXPECT_THAT(shown.err, HasSubstr("faults found, in"));
}

TEST_F(CheckProgram, ReadsTsvFromStandardInputAndAConfiguration) {
  const ProgramResult tsv = check({"-"}, "a cat\tein Hund\nno tab\n");
  EXPECT_EQ(tsv.exit_code, 1);
  EXPECT_THAT(tsv.out, HasSubstr("stdin:2: 0 TABs: no tab"));
  write_file(folder_->path() / "mine.toml",
             "[data]\ntrain_src = 'clean/train.en'\ntrain_tgt = 'clean/train.ja'\n");
  EXPECT_THAT(check({"--config", "mine.toml"}).out, HasSubstr("3000 pairs"));
}

TEST_F(CheckProgram, RefusesWrongUsage) {
  EXPECT_EQ(check({}).exit_code, 2);
  EXPECT_EQ(check({"a", "b", "c"}).exit_code, 2);
  EXPECT_EQ(check({"-", "-"}).exit_code, 2);
  EXPECT_EQ(check({"--src", "clean/train.en"}).exit_code, 2);
  EXPECT_EQ(check({"clean/train.en", "clean/train.ja", "--ignore", "nothing"}).exit_code, 2);
  const ProgramResult missing = check({"clean/train.en", "nowhere"});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.err, HasSubstr("nowhere"));
}

TEST(CheckBeforeTraining, WarnsAndGoesOn) {
  const ToyRun toy;
  Lines src = lines_of(read_file(toy.path() / "train.src"));
  src[6] += "\u200B";
  src[20] = "";
  write_file(toy.path() / "train.src", text_of(src));
  const std::vector<std::string> short_run{"--set", "training.max_updates=2"};
  const ProgramResult result = toy.train("run", short_run);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("invisible characters"));
  EXPECT_THAT(result.err, HasSubstr("train.src:7"));
  EXPECT_THAT(result.err, HasSubstr("heed check --src train.src --tgt train.tgt"));
  const ProgramResult resumed = toy.train("run", {"--resume", "--set", "training.max_updates=3"});
  EXPECT_THAT(resumed.err, Not(HasSubstr("heed check")));
  const ProgramResult off =
      toy.train("off", {"--set", "training.max_updates=2", "--set", "data.check=false"});
  EXPECT_THAT(off.err, Not(HasSubstr("heed check")));
}

TEST(CheckBeforeTraining, SaysWhereTheTextSlips) {
  const ToyRun toy;
  Lines src = lines_of(read_file(toy.path() / "train.src"));
  src.erase(src.begin() + 150);
  src.push_back("ba");
  write_file(toy.path() / "train.src", text_of(src));
  const ProgramResult result = toy.train("run", {"--set", "training.max_updates=2"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("MISALIGNED"));
  EXPECT_THAT(result.err, HasSubstr("line n belongs to line n + 1 of train.tgt"));
}

}  // namespace
}  // namespace heed
