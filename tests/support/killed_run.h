#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/run_events.h"
#include "tests/support/toy_run.h"

namespace heed {

/// The log of a run without what the clock decides: times, and when a signal had it saved.
inline std::vector<nlohmann::json> timeless_log(const std::filesystem::path& run) {
  std::vector<nlohmann::json> events;
  for (nlohmann::json& event : events_of(run)) {
    if (event.at("event") == "checkpoint") continue;
    for (const char* key : {"time", "seconds", "tgt_tokens_per_second"}) event.erase(key);
    events.push_back(std::move(event));
  }
  return events;
}

/// The names in a folder, hidden ones included.
inline std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

/// Two runs are the same to the last bit, and have left the same files.
inline void expect_same_run(const ToyRun& toy, const std::string& a, const std::string& b) {
  EXPECT_EQ(toy.weights(a), toy.weights(b));
  EXPECT_EQ(toy.moments(a), toy.moments(b));
  EXPECT_EQ(timeless_log(toy.path() / a), timeless_log(toy.path() / b));
  for (const char* link : {"last", "best"})
    EXPECT_EQ(std::filesystem::read_symlink(toy.path() / a / link),
              std::filesystem::read_symlink(toy.path() / b / link));
  for (const char* folder : {"", "checkpoints", "last", "cache"})
    EXPECT_EQ(names_in(toy.path() / a / folder), names_in(toy.path() / b / folder));
}

}  // namespace heed
