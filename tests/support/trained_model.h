#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/toy_run.h"

namespace heed {

/// Each test has a toy model of its own, in the folder `run`.
class TrainedModel : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(toy_.train("run").exit_code, 0); }

  std::string translate(std::vector<std::string> arguments, const std::string& input) const {
    arguments.insert(arguments.begin(), {"translate", "--model", "run"});
    return run_heed_well(toy_.path(), arguments, input);
  }

  ToyRun toy_;
};

/// The data block of a page.
inline nlohmann::json page_data(const std::string& page) {
  const std::size_t begin = page.find("id=\"heed-data\">") + 15;
  return nlohmann::json::parse(page.substr(begin, page.find("</script", begin) - begin));
}

}  // namespace heed
