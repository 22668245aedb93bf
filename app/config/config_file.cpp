#include "app/config/config_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <toml++/toml.h>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "app/config/fields.h"
#include "app/config/toml_depth.h"
#include "app/errors.h"
#include "data/nearest.h"

namespace heed {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20;

/// Where a value stands, for messages: "FILE:12" or "--set".
using Place = std::string;

[[noreturn]] void fail(const Place& place, const std::string& message) {
  throw UsageError(fmt::format("{}: {}", place, message));
}

[[noreturn]] void wrong_type(const Field& field, const Place& place, const toml::node& node,
                             const char* wanted) {
  std::ostringstream value;
  node.visit([&value](const auto& typed) { value << typed; });
  fail(place, fmt::format("{} = {} is not {}", field.name(), value.str(), wanted));
}

void check_range(const Field& field, const Place& place, double value) {
  if (value >= field.min && value <= field.max) return;
  fail(place, std::isinf(field.max) ? fmt::format("{} = {} is too small, the least is {}",
                                                  field.name(), value, field.min)
                                    : fmt::format("{} = {} is out of range, valid is {} to {}",
                                                  field.name(), value, field.min, field.max));
}

/// Puts a TOML value where a field's target points.
struct Assign {
  const Field& field;
  const Place& place;
  const toml::node& node;

  void operator()(bool* target) const {
    const auto value = node.value_exact<bool>();
    if (!value) wrong_type(field, place, node, "true or false");
    *target = *value;
  }
  void operator()(std::int64_t* target) const {
    const auto value = node.value_exact<std::int64_t>();
    if (!value) wrong_type(field, place, node, "a whole number");
    check_range(field, place, static_cast<double>(*value));
    *target = *value;
  }
  void operator()(double* target) const {
    if (!node.is_number()) wrong_type(field, place, node, "a number");
    const double value = node.value<double>().value();
    if (!std::isfinite(value)) wrong_type(field, place, node, "a finite number");
    check_range(field, place, value);
    *target = value;
    for (double* other : field.shorthand_for) *other = value;
  }
  void operator()(std::string* target) const {
    const auto value = node.value_exact<std::string>();
    if (!value) wrong_type(field, place, node, "a string");
    *target = *value;
  }
  void operator()(std::vector<std::string>* target) const {
    target->clear();
    if (const auto one = node.value_exact<std::string>()) {
      if (!one->empty()) target->push_back(*one);
      return;
    }
    const toml::array* list = node.as_array();
    if (list == nullptr) wrong_type(field, place, node, "a string or a list of strings");
    for (const toml::node& element : *list) {
      const auto value = element.value_exact<std::string>();
      if (!value) wrong_type(field, place, node, "a list of strings");
      target->push_back(*value);
    }
  }
  void operator()(std::vector<int>* target) const {
    target->clear();
    const toml::array* list = node.as_array();
    if (list == nullptr) wrong_type(field, place, node, "a list of whole numbers");
    for (const toml::node& element : *list) {
      const auto value = element.value_exact<std::int64_t>();
      if (!value) wrong_type(field, place, node, "a list of whole numbers");
      check_range(field, place, static_cast<double>(*value));
      target->push_back(static_cast<int>(*value));
    }
  }
  void operator()(const Choice& choice) const {
    const auto value = node.value_exact<std::string>();
    for (std::size_t index = 0; value && index < choice.names.size(); ++index)
      if (choice.names[index] == *value) return choice.set(index);
    wrong_type(field, place, node, fmt::format("one of {}", fmt::join(choice.names, ", ")).c_str());
  }
};

struct Format {
  std::string operator()(const bool* target) const { return *target ? "true" : "false"; }
  std::string operator()(const std::int64_t* target) const { return fmt::format("{}", *target); }
  std::string operator()(const double* target) const {
    const std::string text = fmt::format("{}", *target);
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
  }
  std::string operator()(const std::string* target) const { return toml_string(*target); }
  std::string operator()(const std::vector<std::string>* target) const {
    std::vector<std::string> quoted;
    for (const std::string& text : *target) quoted.push_back(toml_string(text));
    return fmt::format("[{}]", fmt::join(quoted, ", "));
  }
  std::string operator()(const std::vector<int>* target) const {
    return fmt::format("[{}]", fmt::join(*target, ", "));
  }
  std::string operator()(const Choice& choice) const {
    return toml_string(choice.names[choice.get()]);
  }
};

class ConfigReader {
 public:
  explicit ConfigReader(RunConfig& config) : fields_(fields_of(config)) {}

  void read(const toml::table& root, const std::function<Place(const toml::node&)>& place_of) {
    for (const auto& [section, node] : root)
      read_section(std::string(section.str()), node, place_of);
  }

  const std::set<std::string>& given() const { return given_; }

 private:
  void read_section(const std::string& section, const toml::node& node,
                    const std::function<Place(const toml::node&)>& place_of) {
    std::set<std::string> sections;
    for (const Field& field : fields_) sections.insert(field.section);
    if (!sections.contains(section))
      fail(place_of(node),
           fmt::format("unknown section [{}]; did you mean [{}]? There are: {}", section,
                       nearest(section, {sections.begin(), sections.end()}),
                       fmt::join(sections, ", ")));
    const toml::table* table = node.as_table();
    if (table == nullptr)
      fail(place_of(node), fmt::format("{} must be a section, [{}]", section, section));
    // Shorthands first, so that a key of its own wins wherever it stands.
    for (const bool shorthands : {true, false})
      for (const auto& [key, value] : *table)
        if (const Field& field = find(section, std::string(key.str()), place_of(value));
            field.shorthand_for.empty() != shorthands) {
          std::visit(Assign{field, place_of(value), value}, field.target);
          note(field);
        }
  }

  void note(const Field& field) {
    given_.insert(field.name());
    for (const double* target : field.shorthand_for)
      for (const Field& other : fields_)
        if (const auto* set = std::get_if<double*>(&other.target); set && *set == target)
          given_.insert(other.name());
  }

  const Field& find(const std::string& section, const std::string& key, const Place& place) const {
    std::vector<std::string> names;
    for (const Field& field : fields_) {
      if (field.section == section && field.key == key) return field;
      names.push_back(field.name());
    }
    const std::string name = section + "." + key;
    fail(place, fmt::format("unknown key {}; did you mean {}?", name, nearest(name, names)));
  }

  std::vector<Field> fields_;
  std::set<std::string> given_;
};

/// The text of a file, which need not end.
std::string read_toml(const std::filesystem::path& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxFileBytes + 1, '\0');
  file.read(text.data(), std::ssize(text));
  if (!file.is_open() || file.bad())
    fail(path.string(), fmt::format("cannot be read: {}", std::strerror(errno != 0 ? errno : EIO)));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxFileBytes)
    fail(path.string(),
         fmt::format("is no configuration: it is longer than {} bytes", kMaxFileBytes));
  if (const std::size_t line = find_deep_key(text); line > 0)
    fail(fmt::format("{}:{}", path.string(), line), "too many dots outside of strings");
  return text;
}

toml::table parse_setting(const std::string& setting) {
  const std::size_t equals = setting.find('=');
  const std::size_t dot = setting.find('.');
  if (equals == std::string::npos || dot == std::string::npos || dot > equals)
    throw UsageError(
        fmt::format("--set {}: give section.key=value, such as training.seed=2", setting));
  const std::string name = setting.substr(0, equals);
  const std::string value = setting.substr(equals + 1);
  try {
    return toml::parse(fmt::format("{} = {}", name, value));
  } catch (const toml::parse_error&) {
    // A bare word is a string, so that a shell needs no second pair of quotes.
  }
  try {
    return toml::parse(fmt::format("{} = {}", name, toml_string(value)));
  } catch (const toml::parse_error& error) {
    throw UsageError(fmt::format("--set {}: {}", setting, error.description()));
  }
}

/// What no key can be wrong about alone.
void check_together(const RunConfig& config, const std::string& place) {
  const ScheduleOptions& schedule = config.optimizer.schedule;
  if (schedule.schedule == Schedule::kCosine &&
      schedule.warmup_updates >= config.training.max_updates)
    fail(place,
         fmt::format("optimizer.warmup_updates = {} leaves no update of training.max_updates = {} "
                     "for the cosine; make the first smaller or the second larger",
                     schedule.warmup_updates, config.training.max_updates));
}

toml::table read_file(ConfigReader& reader, const std::filesystem::path& path) {
  try {
    toml::table root = toml::parse(read_toml(path), path.string());
    reader.read(root, [&path](const toml::node& node) {
      return fmt::format("{}:{}", path.string(), node.source().begin.line);
    });
    return root;
  } catch (const toml::parse_error& error) {
    const auto line = error.source().begin.line;
    fail(line > 0 ? fmt::format("{}:{}", path.string(), line) : path.string(),
         std::string(error.description()));
  }
}

void read_settings(ConfigReader& reader, std::span<const std::string> settings) {
  for (const std::string& setting : settings)
    reader.read(parse_setting(setting),
                [&setting](const toml::node&) { return fmt::format("--set {}", setting); });
}

}  // namespace

std::string toml_string(const std::string& text) {
  std::ostringstream out;
  out << toml::value<std::string>(text);
  return out.str();
}

RunConfig read_config(const std::filesystem::path& path, std::span<const std::string> settings) {
  return read_given_config(path, settings).config;
}

GivenConfig read_given_config(const std::filesystem::path& path,
                              std::span<const std::string> settings) {
  GivenConfig result;
  ConfigReader reader(result.config);
  if (!path.empty()) result.file_describes_model = read_file(reader, path).contains("model");
  read_settings(reader, settings);
  check_together(result.config, path.empty() ? "--set" : path.string());
  result.given = reader.given();
  if (result.given.contains("search.length_penalty") &&
      !result.given.contains("validation.choose_length_penalty"))
    result.config.validation.choose_length_penalty = false;
  return result;
}

std::vector<std::string> fill_in(GivenConfig& config, std::span<const std::string> settings) {
  std::vector<std::string> missing;
  for (const std::string& setting : settings)
    if (!config.given.contains(setting.substr(0, setting.find('=')))) missing.push_back(setting);
  ConfigReader reader(config.config);
  read_settings(reader, missing);
  return missing;
}

std::string format_config(const RunConfig& config) {
  RunConfig copy = config;
  std::string text;
  std::string section;
  for (const Field& field : fields_of(copy)) {
    if (!field.shorthand_for.empty()) continue;
    if (field.section != section)
      text += fmt::format("{}[{}]\n", section.empty() ? "" : "\n", field.section);
    section = field.section;
    const std::string value = std::visit(Format{}, field.target);
    const std::string line = fmt::format("{} = {}", field.key, value);
    text += field.help.empty() ? line + "\n" : fmt::format("{:<40} # {}\n", line, field.help);
  }
  return text;
}

std::vector<std::string> find_changes(const RunConfig& before, const RunConfig& now) {
  RunConfig before_copy = before;
  RunConfig now_copy = now;
  const std::vector<Field> old_fields = fields_of(before_copy);
  const std::vector<Field> new_fields = fields_of(now_copy);
  std::vector<std::string> changes;
  for (std::size_t i = 0; i < old_fields.size(); ++i) {
    if (old_fields[i].is_found || !old_fields[i].shorthand_for.empty()) continue;
    const std::string was = std::visit(Format{}, old_fields[i].target);
    const std::string is = std::visit(Format{}, new_fields[i].target);
    if (was != is)
      changes.push_back(fmt::format("{} was {}, is {}", old_fields[i].name(), was, is));
  }
  return changes;
}

}  // namespace heed
