#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

/// What the reader of some input promises. `run` gets any bytes; it throws PropertyBroken, or what
/// the reader may not throw, where a promise is not kept.
struct FuzzTarget {
  std::string_view name;  // of its folder below tests/fuzz/seeds
  void (*run)(std::string_view input);
};

/// Those of this program: one in a program for libFuzzer, all in that of the tests.
std::vector<FuzzTarget>& fuzz_targets();

/// Puts a target into `fuzz_targets` when the program starts.
struct FuzzRegistration {
  FuzzRegistration(std::string_view name, void (*run)(std::string_view)) {
    fuzz_targets().push_back({name, run});
  }
};

/// No std::runtime_error, which readers throw for bad input.
class PropertyBroken : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Throws PropertyBroken unless `holds`.
void require_property(bool holds, std::string_view property);

/// A file with `bytes`, the same one (by `slot`) at each call.
std::filesystem::path file_of(std::string_view bytes, std::string_view slot = "input");

/// Runs `read`; false where it threw std::runtime_error, which must name `file`.
template <typename Read>
bool reads(const std::filesystem::path& file, Read read) {
  try {
    read();
    return true;
  } catch (const std::runtime_error& error) {
    require_property(std::string_view(error.what()).find(file.string()) != std::string_view::npos,
                     std::string("an error names the file: ") + error.what());
    return false;
  }
}

/// Takes small numbers off the front of an input, for what else a target varies.
class InputBytes {
 public:
  explicit InputBytes(std::string_view bytes) : rest_(bytes) {}

  unsigned take() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace heed
