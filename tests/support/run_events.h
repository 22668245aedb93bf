#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/run_heed.h"

namespace heed {

/// The events of a run's log, in their order.
inline std::vector<nlohmann::json> events_of(const std::filesystem::path& run) {
  std::vector<nlohmann::json> events;
  for (const std::string& line : lines_of(read_file(run / "log.jsonl")))
    events.push_back(nlohmann::json::parse(line));
  return events;
}

/// Those of one kind.
inline std::vector<nlohmann::json> events_of(const std::filesystem::path& run,
                                             const std::string& kind) {
  std::vector<nlohmann::json> events = events_of(run);
  std::erase_if(events, [&kind](const auto& event) { return event.at("event") != kind; });
  return events;
}

}  // namespace heed
