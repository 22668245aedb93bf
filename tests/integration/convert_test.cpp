#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/trained_model.h"

namespace heed {
namespace {

using ::testing::HasSubstr;

class Convert : public TrainedModel {
 protected:
  ProgramResult convert(const std::string& target, const std::string& precision) const {
    return run_heed(toy_.path(), {"convert", "run", target, "--precision", precision});
  }

  std::uintmax_t weights_size(const std::string& folder) const {
    return std::filesystem::file_size(toy_.path() / folder / "model.safetensors");
  }

  std::string run_with(const std::string& model, std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin() + 1, {"--model", model});
    return run_heed_well(toy_.path(), arguments, "ba ko\nmi\n");
  }
};

double share_of_equal_lines(const std::string& a, const std::string& b) {
  const auto left = lines_of(a);
  const auto right = lines_of(b);
  std::size_t equal = 0;
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) equal += left[i] == right[i];
  return static_cast<double>(equal) / static_cast<double>(std::max(left.size(), right.size()));
}

TEST_F(Convert, MakesAModelThatEveryCommandReads) {
  const std::string expected = run_with("run", {"translate", "--precision", "fp32"});
  const std::vector<std::string> align{"align", "train.src", "train.tgt"};
  const std::string links = run_with("run", align);
  for (const char* precision : {"fp32", "bf16", "int8"}) {
    SCOPED_TRACE(precision);
    const ProgramResult result = convert(precision, precision);
    ASSERT_EQ(result.exit_code, 0) << result.err;
    for (const char* arithmetic : {"fp32", "bf16", "int8"})
      EXPECT_EQ(run_with(precision, {"translate", "--precision", arithmetic}), expected);
    const double similarity = share_of_equal_lines(run_with(precision, align), links);
    EXPECT_GE(similarity, 0.98);
  }
  EXPECT_LE(weights_size("fp32"), weights_size("run/best"));
  EXPECT_LT(weights_size("bf16"), weights_size("fp32") * 7 / 10);  // names take most of the rest
  EXPECT_LT(weights_size("int8"), weights_size("bf16"));
}

TEST_F(Convert, LeavesWhatIsThereAlone) {
  const std::string before = read_file(toy_.path() / "run/best/model.safetensors");
  const ProgramResult result = convert("run", "int8");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("run exists"));
  EXPECT_EQ(read_file(toy_.path() / "run/best/model.safetensors"), before);
  write_file(toy_.path() / "run/best/model.safetensors", before.substr(0, before.size() - 1));
  const ProgramResult truncated = convert("new", "int8");
  EXPECT_EQ(truncated.exit_code, 1);
  EXPECT_THAT(truncated.err, HasSubstr("truncated"));
  EXPECT_FALSE(std::filesystem::exists(toy_.path() / "new"));
}

}  // namespace
}  // namespace heed
