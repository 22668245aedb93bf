#pragma once

#include <CLI/App.hpp>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/text_io.h"

namespace heed {

/// One of `count` contiguous parts of an input, `index` from 1. The parts put together are the
/// whole; their lines differ in number by one at most.
struct Shard {
  std::size_t index = 1;
  std::size_t count = 1;
  bool operator==(const Shard&) const = default;
};

/// Reads "I/N", 1 <= I <= N. Throws UsageError naming the value.
Shard parse_shard(const std::string& text);

/// The lines of an input of `lines` that belong to `shard`.
LineRange shard_range(const Shard& shard, std::size_t lines);

/// Adds --shard.
void add_shard_option(CLI::App& command, std::optional<Shard>& shard);

/// Files that belong together line by line, or one, open at a part of their lines.
struct ShardedInput {
  std::vector<LineReader> readers;
  std::size_t lines_after = 0;  // of the whole, behind the part
};

/// Opens `files`, whose lines end behind kMostLineBytes + 1 bytes at the latest ("-": standard
/// input), cut at the same lines; without a shard all of them. With a shard the files are read
/// through once to count their lines. Throws UsageError for a shard of what cannot be read twice,
/// std::runtime_error when the files differ in length.
ShardedInput open_shard(std::span<const std::string> files, const std::optional<Shard>& shard);

}  // namespace heed
