#include "app/network_program.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace heed {

void become_network_program(char** argv) {
  const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const std::array programs{folder / kNetworkProgram,
                            folder.parent_path() / "libexec" / "heed" / kNetworkProgram};
  int reason = ENOENT;
  for (const auto& program : programs) {
    ::execv(program.c_str(), argv);
    if (errno != ENOENT) reason = errno;
  }
  throw std::runtime_error(fmt::format(
      "{}, which is the greater part of heed, can't be run: {}; it belongs to {} or {}",
      kNetworkProgram, std::strerror(reason), programs[0].string(), programs[1].string()));
}

}  // namespace heed
