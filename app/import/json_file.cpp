#include "app/import/json_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <stdexcept>

namespace heed {

JsonFile::JsonFile(std::filesystem::path path) : path_(std::move(path)) {
  if (std::filesystem::exists(path_) && !std::filesystem::is_regular_file(path_))
    fail("not a regular file");
  errno = 0;
  std::ifstream file(path_, std::ios::binary);
  if (!file.is_open()) fail(std::strerror(errno));
  root_ = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!root_.is_object()) fail("not a JSON object; is it damaged?");
}

void JsonFile::fail(const std::string& why) const {
  throw std::runtime_error(fmt::format("{}: {}", path_.string(), why));
}

void JsonFile::wrong_type(const std::string& key, const char* wanted) const {
  const nlohmann::json& value = root_.at(key);
  // Not what it holds: that may be nested deeper than a program's stack.
  const std::string given =
      value.is_structured() ? std::string("an ") + value.type_name() : value.dump();
  fail(fmt::format("{} is {}, not {}", key, given, wanted));
}

const nlohmann::json* JsonFile::find(const std::string& key) const {
  const auto found = root_.find(key);
  return found == root_.end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::string> JsonFile::text(const std::string& key) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) wrong_type(key, "a string");
  return value->get<std::string>();
}

std::optional<std::int64_t> JsonFile::integer(const std::string& key) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number_unsigned()) wrong_type(key, "a whole number");
  const auto number = value->get<std::uint64_t>();
  if (number > std::numeric_limits<std::int64_t>::max()) wrong_type(key, "a number below 2^63");
  return static_cast<std::int64_t>(number);
}

std::optional<double> JsonFile::number(const std::string& key) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) wrong_type(key, "a number");
  return value->get<double>();
}

bool JsonFile::flag(const std::string& key, bool otherwise) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean()) wrong_type(key, "true or false");
  return value->get<bool>();
}

std::int64_t JsonFile::required_integer(const std::string& key) const {
  const std::optional<std::int64_t> value = integer(key);
  if (!value) fail(fmt::format("{} is missing", key));
  return *value;
}

}  // namespace heed
