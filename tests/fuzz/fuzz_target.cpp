#include "tests/fuzz/fuzz_target.h"

#include "tests/support/temporary_folder.h"

namespace heed {

std::vector<FuzzTarget>& fuzz_targets() {
  static std::vector<FuzzTarget> targets;
  return targets;
}

void require_property(bool holds, std::string_view property) {
  if (!holds) throw PropertyBroken(std::string(property));
}

std::filesystem::path file_of(std::string_view bytes, std::string_view slot) {
  static const TemporaryFolder folder;
  return folder.write(slot, bytes);
}

}  // namespace heed
