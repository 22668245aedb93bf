#pragma once

#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "app/config/run_config.h"

namespace heed {

/// Reads a TOML file over the defaults, then `settings` ("section.key=value"; a bare word is a
/// string) over the file. A length penalty that is given is not to be chosen. Throws UsageError
/// naming file, line, key and value: not TOML, an unknown section or key (with the nearest that
/// exists), a value of the wrong type or out of its range (with the valid ones), a setting without
/// '=', a cosine that would end before its warm-up.
RunConfig read_config(const std::filesystem::path& path,
                      std::span<const std::string> settings = {});

/// A configuration, and which of its keys somebody has given.
struct GivenConfig {
  RunConfig config;
  std::set<std::string> given;        // "section.key"; those that a shorthand sets, too
  bool file_describes_model = false;  // it has a [model] section
};

/// The same, with what was given; an empty `path` is no file.
GivenConfig read_given_config(const std::filesystem::path& path,
                              std::span<const std::string> settings);

/// Sets those of `settings` that nobody has given, and returns them.
std::vector<std::string> fill_in(GivenConfig& config, std::span<const std::string> settings);

/// `text` as a value of TOML.
std::string toml_string(const std::string& text);

/// Every key with its value, each with a comment of what it is; `read_config` gives it back.
std::string format_config(const RunConfig& config);

/// The settings that differ, as "optimizer.learning_rate was 0.01, is 0.02"; what training fills in
/// is none.
std::vector<std::string> find_changes(const RunConfig& before, const RunConfig& now);

}  // namespace heed
