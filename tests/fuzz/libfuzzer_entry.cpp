#include <cstddef>
#include <cstdint>

#include "tests/fuzz/fuzz_target.h"

/// What libFuzzer calls; an exception that leaves it is a finding.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {  // NOLINT
  heed::fuzz_targets().front().run({reinterpret_cast<const char*>(data), size});
  return 0;
}
