#pragma once

#include <filesystem>

namespace heed {

/// Throws UsageError where `target` is there already and is more than an empty folder.
void require_new(const std::filesystem::path& target);

}  // namespace heed
