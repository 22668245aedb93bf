#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/safetensors_file.h"
#include "tests/support/trained_model.h"

namespace heed {
namespace {

using ::testing::HasSubstr;

class Average : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    toy_ = new ToyRun;
    training_ = toy_->train("run", {"--set", "validation.every=10", "--set",
                                    "training.keep_recent=3", "--set", "training.keep_best=2"});
  }
  static void TearDownTestSuite() { delete toy_; }
  void SetUp() override { ASSERT_EQ(training_.exit_code, 0) << training_.err; }

  static ProgramResult average(const std::string& target, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"average", "run", target});
    return run_heed(toy_->path(), arguments);
  }

  /// All values of a model, tensor by tensor.
  static std::vector<float> values(const std::filesystem::path& folder) {
    const SafetensorsFile file(toy_->path() / folder / "model.safetensors");
    std::vector<float> all;
    for (const std::string& name : file.names()) {
      const auto shape = file.shape(name);
      std::int64_t size = 1;
      for (const std::int64_t extent : shape) size *= extent;
      const auto tensor = file.values(name, shape);
      all.insert(all.end(), tensor.get(), tensor.get() + size);
    }
    return all;
  }

  static inline ToyRun* toy_ = nullptr;
  static inline ProgramResult training_;
};

TEST_F(Average, IsTheMeanOfTheLastCheckpoints) {
  const ProgramResult result = average("mean", {"--last", "3"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("update-00000040, update-00000030, update-00000020"));
  const std::vector<float> mean = values("mean");
  std::vector<std::vector<float>> parts;
  for (const char* update : {"20", "30", "40"})
    parts.push_back(values(std::string("run/checkpoints/update-000000") + update));
  ASSERT_EQ(mean.size(), parts[0].size());
  for (std::size_t i = 0; i < mean.size(); ++i)
    ASSERT_NEAR(mean[i], (parts[0][i] + parts[1][i] + parts[2][i]) / 3.0F, 1e-6F);
}

TEST_F(Average, OfTheBestIsAModelThatTranslates) {
  ASSERT_EQ(average("best", {"--best", "2"}).exit_code, 0);
  const std::string out =
      run_heed_well(toy_->path(), {"translate", "--model", "best"}, "ba ko\nmi\n");
  EXPECT_EQ(lines_of(out).size(), 2U);
}

TEST_F(Average, SaysWhatARunLacks) {
  const ProgramResult few = average("few", {"--last", "9"});
  EXPECT_EQ(few.exit_code, 2);
  EXPECT_THAT(few.err, HasSubstr("training.keep_recent"));
  EXPECT_FALSE(std::filesystem::exists(toy_->path() / "few"));
  EXPECT_EQ(average("neither", {}).exit_code, 2);
  EXPECT_EQ(average("both", {"--last", "1", "--best", "1"}).exit_code, 2);
  EXPECT_EQ(average("run", {"--last", "2"}).exit_code, 2);  // it is there
}

}  // namespace
}  // namespace heed
