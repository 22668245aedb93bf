#pragma once

#include <cstdlib>
#include <filesystem>

namespace heed {

/// The folder of a corpus that is shared between checkouts (HEED_SHARED, or "shared" beside the
/// repository); empty when it is not there.
inline std::filesystem::path shared_corpus(const char* name) {
  const char* shared = std::getenv("HEED_SHARED");
  const auto root = shared != nullptr ? std::filesystem::path(shared)
                                      : std::filesystem::path(HEED_SOURCE_DIR) / ".." / "shared";
  const auto folder = root / "corpora" / name;
  return std::filesystem::is_directory(folder) ? folder : std::filesystem::path();
}

}  // namespace heed
