#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>

namespace heed {

inline constexpr const char* kChecksumFile = "checksums.sfv";

/// Writes checksums.sfv into `folder`: a line "NAME CRC32" for each regular file that is in it, as
/// cksfv, rhash and 7-Zip check them. Throws std::runtime_error naming what can't be read or
/// written.
void write_checksums(const std::filesystem::path& folder);

/// What is wrong with the files that checksums.sfv of `folder` lists, such as "model.safetensors is
/// damaged"; empty when they are all as they were. With `only`, of the files whose names end so.
std::string find_damage(const std::filesystem::path& folder,
                        std::initializer_list<std::string_view> only = {});

}  // namespace heed
