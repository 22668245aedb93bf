#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "tests/support/trained_model.h"

namespace heed {
namespace {

using testing::HasSubstr;

/// A Python with the packages ctranslate2 and sentencepiece; none is needed but for these tests.
std::optional<std::string> ctranslate2_python() {
  const char* given = std::getenv("HEED_CTRANSLATE2_PYTHON");
  const std::string python = given == nullptr ? "python3" : given;
  const std::string question = " -c 'import ctranslate2, sentencepiece' >/dev/null 2>&1";
  if (std::system((shell_quoted(python) + question).c_str()) != 0) return std::nullopt;
  return python;
}

/// What an engine nobody here wrote makes of the same weights.
class CTranslate2 : public TrainedModel {
 protected:
  void SetUp() override {
    python_ = ctranslate2_python();
    if (!python_)
      GTEST_SKIP() << "no Python with ctranslate2 and sentencepiece: pip install them, and name it "
                      "in HEED_CTRANSLATE2_PYTHON where it isn't python3";
    TrainedModel::SetUp();
  }

  /// Runs a script of ours in the toy's folder.
  ProgramResult run_script(const std::string& script, const std::vector<std::string>& arguments) {
    std::string command =
        fmt::format("cd {} && {} {}", shell_quoted(toy_.path().string()), shell_quoted(*python_),
                    shell_quoted(HEED_SOURCE_DIR "/scripts/" + script));
    for (const std::string& argument : arguments) command += " " + shell_quoted(argument);
    const int status = std::system((command + " >stdout 2>stderr").c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(toy_.path() / "stdout"),
            read_file(toy_.path() / "stderr")};
  }

  void expect_same_translations(const std::vector<std::string>& options,
                                const std::string& model = "run") {
    std::vector<std::string> arguments{HEED_BINARY, "train.src", "--model", model};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const ProgramResult result = run_script("compare_with_ctranslate2.py", arguments);
    EXPECT_EQ(result.exit_code, 0)
        << fmt::format("{}\n", fmt::join(options, " ")) << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr("of 400 lines"));
  }

  std::optional<std::string> python_;
};

TEST_F(CTranslate2, TranslatesTheSame) {
  expect_same_translations({});
  expect_same_translations({"--stopping", "bound"});
  expect_same_translations({"--beam-size", "1"});
  expect_same_translations({"--beam-size", "3", "--length-penalty", "0"});
  expect_same_translations({"--max-length", "4", "--length-penalty", "0.6"});
}

TEST_F(CTranslate2, TranslatesTheSameByEveryKindOfModel) {
  const std::vector<std::vector<std::string>> kinds{
      {"model.norm=post", "model.activation=gelu", "model.tying=none"},
      {"model.activation=swish", "model.tying=decoder", "model.positions=learned",
       "model.max_positions=4"},
      {"model.positions=rotary"}};
  for (const auto& settings : kinds) {
    std::vector<std::string> arguments{"--set", "training.max_updates=20"};
    for (const std::string& setting : settings)
      arguments.insert(arguments.end(), {"--set", setting});
    const std::string run = settings.front();
    const ProgramResult training = toy_.train(run, arguments);
    ASSERT_EQ(training.exit_code, 0) << training.err;
    expect_same_translations({}, run);
  }
}

TEST_F(CTranslate2, TranslatesTheSameInBothDirections) {
  const ProgramResult training = toy_.train(
      "both", {"--bidirectional", "--set", "tokenizer.joint=true", "--set", "model.tying=all"});
  ASSERT_EQ(training.exit_code, 0) << training.err;
  expect_same_translations({}, "both");
  expect_same_translations({"--reverse"}, "both");
}

TEST_F(CTranslate2, AnExportSaysWhatItCannotDo) {
  const auto refusal = [&](const std::vector<std::string>& arguments) {
    const ProgramResult result = run_script("export_ctranslate2.py", arguments);
    EXPECT_EQ(result.exit_code, 1);
    return result.err;
  };
  EXPECT_THAT(refusal({"no-run", "out"}), HasSubstr("no model.safetensors"));
  EXPECT_THAT(refusal({"run", "out", "--reverse"}), HasSubstr("translates in one direction"));
  EXPECT_THAT(refusal({"run", "run"}), HasSubstr("is there already"));
  EXPECT_THAT(refusal({"run", "run", "--force"}), HasSubstr("is no CTranslate2 model"));
}

TEST_F(CTranslate2, AnExportIsReplacedAndQuantizedWhereAsked) {
  const auto size_of = [&] { return file_size(toy_.path() / "out" / "model.bin"); };
  ASSERT_EQ(run_script("export_ctranslate2.py", {"run/best", "out"}).exit_code, 0);
  const auto in_floats = size_of();
  ASSERT_EQ(run_script("export_ctranslate2.py", {"run", "out", "--force", "--quantization", "int8"})
                .exit_code,
            0);
  EXPECT_LT(size_of(), in_floats);
}

}  // namespace
}  // namespace heed
