#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <new>
#include <thread>

#include "app/output.h"
#include "app/translate/translator.h"
#include "tests/support/hostile_lines.h"
#include "tests/support/table_scorer.h"
#include "tests/support/trained_model.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string times(std::size_t count, const std::string& text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

/// What the machine allows and what a line may be.
class Limits : public TrainedModel {
 protected:
  /// Of a shell command, in which $HEED is the program, in the model's folder.
  ProgramResult shell(const std::string& command) const {
    return run_program("/bin/sh", toy_.path(), {"-c", command}, "",
                       "HEED=" + shell_quoted(HEED_BINARY));
  }

  std::vector<std::string> temporaries() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(toy_.path()))
      if (entry.path().filename().string().starts_with(".heed")) found.push_back(entry.path());
    return found;
  }
};

TEST_F(Limits, AReaderThatLeavesEndsTheWorkQuietly) {
  for (const std::string options : {"", "--json", "--view v.html"}) {
    const ProgramResult result =
        shell("(yes ba | $HEED translate --model run --beam-size 1 --log-level warn " + options +
              "; echo status $? >&2) | head -1 > first");
    EXPECT_EQ(result.err, "status 141\n") << options;
    EXPECT_EQ(lines_of(read_file(toy_.path() / "first")).size(), 1U);
    EXPECT_THAT(temporaries(), ::testing::IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(toy_.path() / "v.html"));
  }
  EXPECT_THAT(shell("(sleep 0.2; $HEED info --config; echo status $? >&2) | true").err,
              HasSubstr("status 141"));
  EXPECT_THAT(shell("(yes 'ba\tBA' | $HEED score --model run --log-level warn; "
                    "echo status $? >&2) | head -1")
                  .err,
              "status 141\n");
}

TEST_F(Limits, AFullDiskIsToldAtOnce) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full on this system";
  const std::string pairs = "yes 'ba\tBA' | ";
  for (const std::string& command :
       {std::string("yes ba | $HEED translate --model run --beam-size 1"),
        pairs + "$HEED score --model run", pairs + "$HEED align --model run",
        std::string("$HEED evaluate dev.tgt dev.tgt"), std::string("$HEED info --model run"),
        std::string("yes 0-0 | head -100000 > links; $HEED symmetrize links links")}) {
    const ProgramResult result = shell(command + " > /dev/full");
    EXPECT_EQ(result.exit_code, 1) << command;
    EXPECT_THAT(result.err, HasSubstr("standard output: cannot write: No space left")) << command;
  }
}

TEST_F(Limits, AFileThatMayNotGrowStaysAsItWas) {
  write_file(toy_.path() / "out", "old");
  const ProgramResult result = shell(
      "yes ba | head -5000 > in; ulimit -f 1; $HEED translate --model run --beam-size 1 in -o out");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("out: cannot write: File too large"));
  EXPECT_EQ(read_file(toy_.path() / "out"), "old");
  EXPECT_THAT(temporaries(), ::testing::IsEmpty());
}

TEST_F(Limits, ASignalLeavesNoTemporaryFile) {
  write_file(toy_.path() / "out", "old");
  for (const auto& [name, number] :
       {std::pair("INT", SIGINT), {"TERM", SIGTERM}, {"HUP", SIGHUP}}) {
    const ProgramResult result = shell(
        fmt::format("yes ba | timeout --preserve-status -s {} 0.7 $HEED translate --model run "
                    "-o out --log-level off",
                    name));
    EXPECT_EQ(result.exit_code, 128 + number) << result.err;
    EXPECT_THAT(temporaries(), ::testing::IsEmpty());
    EXPECT_EQ(read_file(toy_.path() / "out"), "old");
  }
}

TEST_F(Limits, WhatWasFinishedSurvivesBadInput) {
  write_file(toy_.path() / "src", times(3000, "ba\n"));
  write_file(toy_.path() / "tgt", times(2000, "BA\n"));
  const ProgramResult scored =
      run_heed(toy_.path(), {"score", "--model", "run", "src", "tgt", "-o", "scores"});
  EXPECT_EQ(scored.exit_code, 1);
  EXPECT_THAT(scored.err, AllOf(HasSubstr("tgt ends after 2000 lines"), HasSubstr("scores.part")));
  EXPECT_EQ(lines_of(read_file(toy_.path() / "scores.part")).size(), 2000U);
  EXPECT_FALSE(std::filesystem::exists(toy_.path() / "scores"));
  const ProgramResult aligned = run_heed(toy_.path(), {"align", "--model", "run", "src", "tgt"});
  EXPECT_EQ(aligned.exit_code, 1);
  EXPECT_EQ(lines_of(aligned.out).size(), 2000U);
}

TEST_F(Limits, ALineThatIsNoPairCostsOnlyItself) {
  const std::string input = "ba\tBA\nno tab\nko\tKO\ntoo\tmany\ttabs\nba\tBA\n";
  for (const std::string command : {"score", "align"}) {
    const ProgramResult result = run_heed(toy_.path(), {command, "--model", "run"}, input);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, AllOf(HasSubstr("stdin:2: not a source, one TAB"), HasSubstr("stdin:4"),
                                  HasSubstr("of 2 lines nothing could be made")));
    const auto lines = lines_of(result.out);
    ASSERT_EQ(lines.size(), 5U);
    EXPECT_EQ(lines[0], lines[4]);
    EXPECT_EQ(lines[1], command == "score" ? "nan" : "");
    EXPECT_EQ(lines[1], lines[3]);
    const ProgramResult not_tsv = run_heed(toy_.path(), {command, "--model", "run"}, "no tab\n");
    EXPECT_EQ(not_tsv.exit_code, 1);
    EXPECT_THAT(not_tsv.err, HasSubstr("heed: stdin:1: not a source, one TAB and a target"));
  }
}

TEST_F(Limits, WarningsOfOneKindAreCountedAfterTen) {
  const ProgramResult result =
      run_heed(toy_.path(), {"translate", "--model", "run"}, times(500, "\xFF\n"));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, AllOf(HasSubstr("stdin:10: "), Not(HasSubstr("stdin:11: ")),
                                HasSubstr("stdin: lines that are not UTF-8: 500 in all")));
}

TEST_F(Limits, HugeLines) {
  write_file(toy_.path() / "huge", "ba\n" + std::string(20'000'000, 'x') + "\nba\n");
  const ProgramResult cut = run_heed(
      toy_.path(), {"translate", "--model", "run", "--beam-size", "1", "huge", "-o", "out"});
  EXPECT_EQ(cut.exit_code, 1);
  EXPECT_THAT(cut.err, AllOf(HasSubstr("huge:2: the line has more than 4000000 bytes; left empty"),
                             HasSubstr("of 1 line nothing could be made")));
  const auto lines = lines_of(read_file(toy_.path() / "out"));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1], "");
  EXPECT_EQ(lines[0], lines[2]);
  const ProgramResult long_line = run_heed(toy_.path(),
                                           {"translate", "--model", "run", "--beam-size", "1",
                                            "--max-length", "5", "--split-length", "0"},
                                           times(12'000, "ba ko. ") + "\n");
  EXPECT_EQ(long_line.exit_code, 0);
  EXPECT_THAT(long_line.err, HasSubstr("is given has 10000; translated in"));
  EXPECT_EQ(lines_of(long_line.out).size(), 1U);
}

TEST_F(Limits, PairsOfManyPieces) {
  const std::string pairs = "ba\tBA\n" + times(12'000, "ba ") + "\tBA\nba\tBA\n";
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"score", "--model", "run"},
        {"align", "--model", "run"},
        {"align", "--model", "run", "--format", "json"},
        {"align", "--method", "hmm"}}) {
    const ProgramResult result = run_heed(toy_.path(), command, pairs);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, AllOf(HasSubstr("line 2: "), HasSubstr("all is written")));
    EXPECT_EQ(lines_of(result.out).size(), 3U) << fmt::format("{}", command);
  }
}

TEST_F(Limits, AHundredThousandEmptyLines) {
  const std::string input(100'000, '\n');
  write_file(toy_.path() / "empty", input);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(translate({}, input), input);
  EXPECT_EQ(translate({"--alignments", "pharaoh"}, input), times(100'000, " ||| \n"));
  EXPECT_EQ(translate({"--markup"}, input), input);
  EXPECT_EQ(run_heed_well(toy_.path(), {"align", "--model", "run", "empty", "empty"}), input);
  EXPECT_EQ(run_heed_well(toy_.path(), {"align", "--method", "hmm", "empty", "empty"}), input);
  EXPECT_EQ(run_heed_well(toy_.path(), {"symmetrize", "empty", "empty"}), input);
  EXPECT_EQ(
      lines_of(run_heed_well(toy_.path(), {"score", "--model", "run", "empty", "empty"})).size(),
      100'000U);
  run_heed_well(toy_.path(), {"evaluate", "--bootstrap", "0", "empty", "empty"});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
}

// What is read ahead and what waits to be written is bounded, whatever the length of the input.
TEST_F(Limits, ASlowReaderCostsNoMemory) {
  const auto kilobytes_with = [this](int lines) {
    const ProgramResult result = shell(fmt::format(
        "yes 'ba ko mi du re no fa lu' | head -{} > in; rm -f out; mkfifo out;"
        "$HEED translate --model run --beam-size 1 in > out & exec 5<out; read -r first <&5;"
        "until [ \"$spent\" = \"$(cut -d' ' -f14 /proc/$!/stat)\" ];"
        "do spent=$(cut -d' ' -f14 /proc/$!/stat); sleep 1; done;"
        "grep -E 'VmHWM' /proc/$!/status | tr -cd 0-9; kill $!",
        lines));
    return std::stol(result.out);
  };
  const long few = kilobytes_with(40'000);
  EXPECT_GT(few, 1000);
  const long many = kilobytes_with(1'600'000);
  EXPECT_LT(many, few + 25'000);  // whose text alone has 40 MB
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(many, 100'000) << "kB";
#endif
}

TEST_F(Limits, ASlowWriterIsAnsweredLineByLine) {
  const ProgramResult result = shell(
      "mkfifo in out; $HEED translate --model run <in >out 2>/dev/null & exec 4>in 5<out;"
      "for line in ba ko mi; do echo $line >&4; read -r answer <&5; echo \"got $answer\"; done");
  EXPECT_EQ(lines_of(result.out).size(), 3U);
}

/// Takes no more than so many sentences, and none that holds `cursed`.
class SmallMemory : public TableScorer {
 public:
  SmallMemory(std::int64_t vocab_size, std::size_t rows, std::int32_t cursed)
      : TableScorer(vocab_size, kBosId,
                    [vocab_size](const Ids&, const Ids&) {
                      std::vector<float> scores(static_cast<std::size_t>(vocab_size), -10.0F);
                      scores[kEosId] = -1.0F;
                      scores[5] = -0.5F;
                      return scores;
                    }),
        rows_(rows),
        cursed_(cursed) {}

  void start(std::span<const Ids> sources) override {
    if (sources.size() > rows_) throw std::bad_alloc();
    for (const Ids& source : sources)
      if (std::find(source.begin(), source.end(), cursed_) != source.end()) throw std::bad_alloc();
    TableScorer::start(sources);
  }

 private:
  std::size_t rows_;
  std::int32_t cursed_;
};

TEST_F(Limits, WithoutMemoryForABatchItsSentencesAreTranslatedOneByOne) {
  const ModelFolder model = ModelFolder::load(toy_.path() / "run", Direction::kForward);
  const auto vocab = static_cast<std::int64_t>(model.tokenizers.tgt.vocab_size());
  const std::vector<std::string> lines{"ba ko", "ba", "mi du ba", "", "lu", "ko ko ko"};
  const auto translate_with = [&](std::size_t rows, std::int32_t cursed, UndoneLines* undone) {
    WorkerPool pool(2);
    TranslatorOptions options;
    options.search.n_best = 2;
    options.search.max_length = 4;
    options.undone = undone;
    const Translator translator(
        model, [&] { return std::make_unique<SmallMemory>(vocab, rows, cursed); }, pool, options);
    std::vector<std::string> texts;
    for (const auto& translations : translator.translate({lines})) {
      EXPECT_EQ(translations.size(), 2U);
      texts.push_back(translations.front().text);
    }
    return texts;
  };
  UndoneLines none("left empty");
  const auto expected = translate_with(100, -1, &none);
  EXPECT_EQ(translate_with(2, -1, &none), expected);
  EXPECT_EQ(translate_with(1, -1, &none), expected);
  EXPECT_NO_THROW(none.report());

  UndoneLines undone("left empty");
  auto without_one = expected;
  without_one[4] = "";
  const TokenId cursed = model.tokenizers.src.encode("lu").back();
  EXPECT_EQ(translate_with(3, cursed, &undone), without_one);
  EXPECT_THROW(undone.report(), std::runtime_error);
  EXPECT_THROW(translate_with(3, cursed, nullptr), std::bad_alloc);
}

/// The toy model with weights that are no numbers.
class BrokenModel : public TrainedModel {
 protected:
  void SetUp() override {
    TrainedModel::SetUp();
    const std::filesystem::path path = toy_.path() / "run" / "best" / "model.safetensors";
    std::string bytes = read_file(path);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    std::uint64_t header = 0;
    std::memcpy(&header, bytes.data(), sizeof header);
    for (std::size_t at = sizeof header + header; at < bytes.size(); at += sizeof nan)
      std::memcpy(bytes.data() + at, &nan, sizeof nan);
    write_file(path, bytes);
  }
};

TEST_F(BrokenModel, EveryLineIsThereAndSaidToBeNothing) {
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{}, {"--sample"}, {"--precision", "fp32"}}) {
    std::vector<std::string> arguments{"translate", "--model", "run"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const ProgramResult result = run_heed(toy_.path(), arguments, "ba ko\n\nmi\n");
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(lines_of(result.out).size(), 3U) << result.out;
    EXPECT_THAT(result.err, HasSubstr("line 1: no translation was found"));
    EXPECT_THAT(result.err, HasSubstr("line 3: no translation was found"));
    EXPECT_EQ(result.err.find("line 2:"), std::string::npos);
  }
}

}  // namespace
}  // namespace heed
