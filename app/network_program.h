#pragma once

namespace heed {

inline constexpr const char* kNetworkProgram = "heed-network";

/// Becomes the program that has the network, and with it every command; it lies beside this one, or
/// in ../libexec/heed. Throws std::runtime_error where it cannot be run.
[[noreturn]] void become_network_program(char** argv);

}  // namespace heed
