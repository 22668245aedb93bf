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
  /// resumes from happens again. Throws std::runtime_error when it can't be written.
  RunLog(const std::filesystem::path& path, std::uintmax_t keep_bytes);

  /// Writes one event at once. Throws std::runtime_error when that fails.
  void write(const std::string& event, nlohmann::ordered_json fields);

  std::uintmax_t size() const;
  /// Waits until all of it is on disk: a checkpoint that counts its bytes must not outlive them.
  void sync() const;

 private:
  std::filesystem::path path_;
  std::ofstream out_;
};

}  // namespace heed
