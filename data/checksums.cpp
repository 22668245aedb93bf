#include "data/checksums.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "data/atomic_file.h"
#include "data/text_io.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

/// CRC-32 (ISO 3309), eight hexadecimal digits.
std::string checksum_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error(fmt::format("{}: can't be read", path.string()));
  std::vector<char> block(std::size_t{1} << 16);  // stays in the processor's cache
  uLong crc = crc32(0L, Z_NULL, 0);
  do {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    crc = crc32(crc, reinterpret_cast<const Bytef*>(block.data()), static_cast<uInt>(in.gcount()));
  } while (in);
  if (in.bad()) throw std::runtime_error(fmt::format("{}: can't be read", path.string()));
  return fmt::format("{:08X}", crc);
}

/// Of one line of the list.
std::string find_damage_in_line(const fs::path& folder, std::string_view line,
                                std::initializer_list<std::string_view> only) {
  const std::size_t space = line.rfind(' ');
  if (space == std::string_view::npos) return fmt::format("{} is damaged", kChecksumFile);
  const fs::path name = line.substr(0, space);
  const auto has_end = [&name](std::string_view end) { return name.string().ends_with(end); };
  if (only.size() > 0 && std::none_of(only.begin(), only.end(), has_end)) return "";
  // A list from elsewhere may not have files outside of its folder read.
  if (name.has_parent_path()) return fmt::format("{} is damaged", kChecksumFile);
  if (!fs::is_regular_file(folder / name)) return fmt::format("{} is missing", name.string());
  if (checksum_of(folder / name) != line.substr(space + 1))
    return fmt::format("{} is damaged", name.string());
  return "";
}

}  // namespace

void write_checksums(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    if (entry.is_regular_file() && entry.path().filename() != kChecksumFile)
      names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  std::string text;
  for (const std::string& name : names)
    text += fmt::format("{} {}\n", name, checksum_of(folder / name));
  write_file_atomically(folder / kChecksumFile, text);
}

std::string find_damage(const fs::path& folder, std::initializer_list<std::string_view> only) {
  try {
    if (!fs::is_regular_file(folder / kChecksumFile))
      return fmt::format("{} is missing", kChecksumFile);
    const std::vector<std::string> lines = read_lines(folder / kChecksumFile);
    if (lines.empty()) return fmt::format("{} is empty", kChecksumFile);
    for (const std::string& line : lines)
      if (const std::string damage = find_damage_in_line(folder, line, only); !damage.empty())
        return damage;
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace heed
