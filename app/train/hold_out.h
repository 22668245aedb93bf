#pragma once

#include <cstdint>
#include <filesystem>

#include "data/parallel_corpus.h"

namespace heed {

/// Training text, a part of which is kept apart to validate on.
struct HeldOut {
  ParallelFiles train;
  ParallelFiles dev;
};

/// Draws `pairs` pairs of `files`, neither side of which is in the text a second time, and writes
/// them and the rest into `folder`: train.src, train.tgt, dev.src, dev.tgt. Where fewer are left
/// than half of those that could be drawn, only half are. The same text and seed give the same
/// files. Throws as `read_parallel` does, and when a file cannot be written.
HeldOut hold_out(const ParallelFiles& files, std::size_t pairs, std::uint64_t seed,
                 const std::filesystem::path& folder);

}  // namespace heed
