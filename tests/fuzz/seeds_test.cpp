#include <gtest/gtest.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "data/random.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

constexpr int kChangesOfASeed = 300;
constexpr std::size_t kLongest = 6000;  // bytes of a seed that is changed

std::vector<std::filesystem::path> seeds_of(std::string_view target) {
  const std::filesystem::path folder =
      std::filesystem::path(HEED_SOURCE_DIR) / "tests/fuzz/seeds" / target;
  std::vector<std::filesystem::path> seeds;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    seeds.push_back(entry.path());
  std::sort(seeds.begin(), seeds.end());
  return seeds;
}

/// Bytes at which readers are likely to stumble.
char some_byte(SplitMix64& random) {
  constexpr std::string_view kBytes("\0\xFF\x80\x7F \t\n\"'[]{}<>&#:.,-0191eE\\=|~^$%\xE3\xF0", 35);
  return random.uniform_below(2) == 0 ? kBytes[random.uniform_below(kBytes.size())]
                                      : static_cast<char>(random.uniform_below(256));
}

/// One change: a byte or a stretch replaced, inserted, taken out, or repeated elsewhere.
void change(std::string& bytes, SplitMix64& random) {
  const std::size_t at = random.uniform_below(bytes.size() + 1);
  const std::size_t length = std::min(random.uniform_below(16) + 1, bytes.size() - at);
  switch (random.uniform_below(5)) {
    case 0:
      if (at < bytes.size()) bytes[at] = some_byte(random);
      break;
    case 1:
      bytes.insert(at, random.uniform_below(8) + 1, some_byte(random));
      break;
    case 2:
      bytes.erase(at, length);
      break;
    case 3:
      bytes.insert(random.uniform_below(bytes.size() + 1), bytes.substr(at, length));
      break;
    default:
      if (at < bytes.size())
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.uniform_below(8)));
  }
}

std::string readable(std::string_view bytes) {
  return testing::PrintToString(std::string(bytes.substr(0, 500)));
}

void run(const FuzzTarget& target, std::string_view input) {
  try {
    target.run(input);
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what() << "\nfor the input " << readable(input);
  }
}

class FuzzSeeds : public testing::TestWithParam<FuzzTarget> {};

TEST_P(FuzzSeeds, KeepTheirPromises) {
  const std::vector<std::filesystem::path> seeds = seeds_of(GetParam().name);
  ASSERT_GE(seeds.size(), 3U);
  for (const auto& seed : seeds) {
    SCOPED_TRACE(seed.filename().string());
    run(GetParam(), read_bytes(seed));
  }
}

TEST_P(FuzzSeeds, KeepThemWhenTheyAreChanged) {
  SplitMix64 random(1);
  for (const auto& seed : seeds_of(GetParam().name)) {
    SCOPED_TRACE(seed.filename().string());
    const std::string original = read_bytes(seed);
    for (int i = 0; original.size() <= kLongest && i < kChangesOfASeed; ++i) {
      std::string changed = original;
      for (std::size_t changes = random.uniform_below(4) + 1; changes > 0; --changes)
        change(changed, random);
      run(GetParam(), changed);
      if (HasFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, FuzzSeeds, testing::ValuesIn(fuzz_targets()),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace heed
