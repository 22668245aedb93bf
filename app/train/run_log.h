#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace heed {

/// log.jsonl: what happened in a run, one JSON object a line with "event" and "time" (UTC).
class RunLog {
 public:
  /// Continues `path`, cut back to `keep_bytes`: what was logged after the checkpoint that a run
  /// resumes from happens again.
  RunLog(const std::filesystem::path& path, std::uintmax_t keep_bytes);

  /// Writes one event at once. Throws std::runtime_error when that fails.
  void write(const std::string& event, nlohmann::ordered_json fields);

  std::uintmax_t size() const;

 private:
  std::filesystem::path path_;
  std::ofstream out_;
};

}  // namespace heed
