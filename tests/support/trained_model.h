#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/toy_run.h"

namespace heed {

/// Each test has a toy model of its own, in the folder `run`: a copy of one that is trained once.
class TrainedModel : public ::testing::Test {
 protected:
  void SetUp() override {
    static const ToyRun trained;
    static const ProgramResult training = trained.train("run");
    copy_model(trained, training);
  }

  void copy_model(const ToyRun& trained, const ProgramResult& training) {
    ASSERT_EQ(training.exit_code, 0) << training.err;
    std::filesystem::copy(trained.path() / "run", toy_.path() / "run",
                          std::filesystem::copy_options::recursive);
  }

  std::string translate(std::vector<std::string> arguments, const std::string& input) const {
    arguments.insert(arguments.begin(), {"translate", "--model", "run"});
    return run_heed_well(toy_.path(), arguments, input);
  }

  ToyRun toy_;
};

/// The same with a vocabulary that spells any byte, a line feed's too.
class TrainedByteModel : public TrainedModel {
 protected:
  void SetUp() override {
    static const ToyRun trained;
    static const ProgramResult training =
        trained.train("run", {"--set", "tokenizer.byte_fallback=true", "--set",
                              "tokenizer.vocab_size=300", "--set", "training.max_updates=20"});
    copy_model(trained, training);
  }
};

/// The data block of a page.
inline nlohmann::json page_data(const std::string& page) {
  const std::size_t begin = page.find("id=\"heed-data\">") + 15;
  return nlohmann::json::parse(page.substr(begin, page.find("</script", begin) - begin));
}

}  // namespace heed
