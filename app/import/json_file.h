#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace heed {

/// A file with a JSON object, whose entries are read with checks. Every error is a
/// std::runtime_error that names the file and the entry. An entry that is null counts as missing.
class JsonFile {
 public:
  explicit JsonFile(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  const nlohmann::json& root() const { return root_; }

  std::optional<std::string> text(const std::string& key) const;
  std::optional<std::int64_t> integer(const std::string& key) const;
  std::optional<double> number(const std::string& key) const;
  bool flag(const std::string& key, bool otherwise) const;
  /// Throws where it is missing.
  std::int64_t required_integer(const std::string& key) const;

  [[noreturn]] void fail(const std::string& why) const;

 private:
  const nlohmann::json* find(const std::string& key) const;
  [[noreturn]] void wrong_type(const std::string& key, const char* wanted) const;

  std::filesystem::path path_;
  nlohmann::json root_;
};

}  // namespace heed
