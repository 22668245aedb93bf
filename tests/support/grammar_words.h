#pragma once

#include <fmt/ranges.h>

#include <sstream>
#include <string>
#include <vector>

namespace heed {

inline std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) result.push_back(word);
  return result;
}

inline std::string join(const std::vector<std::string>& list) {
  return fmt::format("{}", fmt::join(list, " "));
}

}  // namespace heed
