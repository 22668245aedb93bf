#include "app/new_folder.h"

#include <fmt/format.h>

#include "app/errors.h"

namespace heed {

void require_new(const std::filesystem::path& target) {
  if (std::filesystem::exists(target) &&
      !(std::filesystem::is_directory(target) && std::filesystem::is_empty(target)))
    throw UsageError(fmt::format("{} exists; name a new folder", target.string()));
}

}  // namespace heed
