#pragma once

#include <cstdint>

#include "model/split_mix.h"

namespace heed {

/// Seeds of the dropout masks of one forward pass: a pure function of (seed, update, shard) and of
/// how many masks were drawn before, so that a resumed run draws what an uninterrupted one would.
class DropoutStream {
 public:
  DropoutStream(std::uint64_t seed, std::uint64_t update, std::uint64_t shard)
      : state_(split_mix(split_mix(split_mix(seed + 1) + update) + shard)) {}

  std::uint64_t next() {
    state_ += kSplitMixStep;
    return split_mix(state_);
  }

 private:
  std::uint64_t state_;
};

}  // namespace heed
