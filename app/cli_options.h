#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace heed {

/// An enumeration's values by the names that a user types, in the order of the help text.
template <typename Enum>
using Choices = std::vector<std::pair<std::string, Enum>>;

/// Adds an option that takes one of `choices`; anything else is answered with them. The help text
/// shows the present value of `target` as the default.
template <typename Enum>
CLI::Option* add_choice(CLI::App& command, const std::string& name, Enum& target,
                        const Choices<Enum>& choices, const std::string& help) {
  std::vector<std::string> names;
  std::string present;
  for (const auto& [choice, value] : choices) {
    names.push_back(choice);
    if (value == target) present = choice;
  }
  const auto set = [&target, choices](const std::string& given) {
    for (const auto& [choice, value] : choices)
      if (choice == given) target = value;
  };
  return command.add_option_function<std::string>(name, set, help)
      ->check(CLI::IsMember(names))
      ->default_str(present);
}

/// The same for a value that may stay away.
template <typename Enum>
CLI::Option* add_choice(CLI::App& command, const std::string& name, std::optional<Enum>& target,
                        const Choices<Enum>& choices, const std::string& help) {
  std::vector<std::string> names;
  for (const auto& [choice, value] : choices) names.push_back(choice);
  const auto set = [&target, choices](const std::string& given) {
    for (const auto& [choice, value] : choices)
      if (choice == given) target = value;
  };
  return command.add_option_function<std::string>(name, set, help)->check(CLI::IsMember(names));
}

/// Adds an option that takes a list in one argument, "a,b"; what follows it is a file's name. It
/// may be repeated.
template <typename Value>
CLI::Option* add_list(CLI::App& command, const std::string& name, std::vector<Value>& target,
                      const std::string& help) {
  return command.add_option(name, target, help)->delimiter(',')->allow_extra_args(false);
}

/// Adds the configuration file that training works by, with `help`, and --set.
inline void add_config_options(CLI::App& command, std::string& config,
                               std::vector<std::string>& settings, const std::string& help,
                               bool is_required = true) {
  command.add_option("config", config, help)->required(is_required)->type_name("CONFIG.toml");
  command.add_option("--set", settings, "Override a key: section.key=value; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

}  // namespace heed
