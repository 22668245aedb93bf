#pragma once

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <string>

#include "app/align/link_token.h"

namespace heed {

/// Adds --NAME-one-based and --NAME-transposed, which say how the file of links that help texts
/// call `file` is written, to the options' `group`.
inline void add_index_options(CLI::App& command, const std::string& name, const std::string& file,
                              IndexConvention& convention, const std::string& group) {
  command
      .add_flag(fmt::format("--{}-one-based", name), convention.one_based, file + " counts from 1")
      ->group(group);
  command
      .add_flag(fmt::format("--{}-transposed", name), convention.transposed,
                file + " has the target's index first")
      ->group(group);
}

}  // namespace heed
