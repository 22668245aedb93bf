#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/trained_model.h"

namespace heed {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

/// The two programs, apart and as they are installed.
class Programs : public TrainedModel {
 protected:
  void SetUp() override {
    TrainedModel::SetUp();
    fs::create_directories(toy_.path() / "prefix/bin");
    fs::copy_file(HEED_BINARY, alone());
  }

  fs::path alone() const { return toy_.path() / "prefix/bin/heed"; }
  static fs::path network() { return fs::path(HEED_BINARY).parent_path() / "heed-network"; }

  ProgramResult run(const fs::path& program, const std::vector<std::string>& arguments,
                    const std::string& input = "") const {
    return run_program(program, toy_.path(), arguments, input);
  }
};

TEST_F(Programs, TranslatingPlainTextNeedsNothingOfLibTorch) {
  EXPECT_THAT(read_file(network()), HasSubstr("libtorch_cpu"));
  EXPECT_THAT(read_file(alone()), Not(HasSubstr("libtorch")));
  const std::vector<std::string> arguments{"translate", "--model", "run", "--n-best", "2"};
  const ProgramResult light = run(alone(), arguments, "ba ko\n\nmi\n");
  EXPECT_EQ(light.exit_code, 0) << light.err;
  EXPECT_EQ(light.out, run(network(), arguments, "ba ko\n\nmi\n").out);
}

TEST_F(Programs, WithoutTheOtherOneTheRestIsRefused) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"info", "--model", "run"},
        {"translate", "--model", "run", "--json"},
        {"translate", "--no-such-option"},
        {"--version"},
        {}}) {
    const ProgramResult result = run(alone(), arguments, "ba ko\n");
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, HasSubstr("heed-network"));
    EXPECT_THAT(result.err, HasSubstr("prefix/libexec/heed"));
    EXPECT_EQ(result.out, "");
  }
}

TEST_F(Programs, FindEachOtherWhereTheyAreInstalled) {
  fs::create_directories(toy_.path() / "prefix/libexec/heed");
  fs::create_symlink(network(), toy_.path() / "prefix/libexec/heed/heed-network");
  const ProgramResult result = run(alone(), {"translate", "--model", "run", "--json"}, "ba ko\n");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("\"alignment\""));
  const ProgramResult wrong = run(alone(), {"translate", "--beam-size", "x"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("--beam-size"));
}

}  // namespace
}  // namespace heed
