#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "app/config/run_config.h"

namespace heed {

/// An enumeration by the names of its values.
struct Choice {
  std::vector<std::string> names;
  std::function<std::size_t()> get;      // index into names
  std::function<void(std::size_t)> set;  // of an index into names
};

/// One key of the configuration: its place in a RunConfig and what may stand there.
struct Field {
  using Target = std::variant<bool*, std::int64_t*, double*, std::string*,
                              std::vector<std::string>*, std::vector<int>*, Choice>;

  std::string section;
  std::string key;
  std::string help;
  Target target;
  double min = -std::numeric_limits<double>::infinity();  // of numbers, inclusive
  double max = std::numeric_limits<double>::infinity();
  /// A shorthand sets others (model.dropout sets the four kinds); it is read first and never
  /// written.
  std::vector<double*> shorthand_for = {};
  /// Filled in by training, or about what is filled in last: another value makes no other run.
  bool is_found = false;

  std::string name() const { return section + "." + key; }
};

/// Every key, in the order in which a file is written. The fields point into `config`.
std::vector<Field> fields_of(RunConfig& config);

}  // namespace heed
