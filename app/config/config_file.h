#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "app/config/run_config.h"

namespace heed {

/// Reads a TOML file over the defaults, then `settings` ("section.key=value"; a bare word is a
/// string) over the file. Throws UsageError naming file, line, key and value: not TOML, an unknown
/// section or key (with the nearest that exists), a value of the wrong type or out of its range
/// (with the valid ones), a setting without '=', a cosine that would end before its warm-up.
RunConfig read_config(const std::filesystem::path& path,
                      std::span<const std::string> settings = {});

/// Every key with its value, each with a comment of what it is; `read_config` gives it back.
std::string format_config(const RunConfig& config);

/// The settings that differ, as "optimizer.learning_rate was 0.01, is 0.02"; what training fills in
/// is none.
std::vector<std::string> find_changes(const RunConfig& before, const RunConfig& now);

}  // namespace heed
