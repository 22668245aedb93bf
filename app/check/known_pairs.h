#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/hash_index.h"

namespace heed {

struct KnownPlace {
  std::string file;
  std::size_t line = 0;  // from 1
};

/// What identifies a pair and its source; white space around them doesn't count.
struct PairKey {
  std::uint64_t src = 0;
  std::uint64_t pair = 0;
};
PairKey key_of(std::string_view src, std::string_view tgt);

/// The pairs of a text, by hashes, and where each was met first.
class KnownPairs {
 public:
  /// What is added from here on is in `file`.
  void begin_file(std::string file) { files_.push_back({lines_, std::move(file)}); }
  /// Goes on to the next line of the file, whatever is in it.
  void next_line() { ++lines_; }

  /// The line at hand; where the pair was before, if it was.
  std::optional<KnownPlace> insert_pair(const PairKey& key);
  std::optional<KnownPlace> insert_src(const PairKey& key);
  std::optional<KnownPlace> find_pair(const PairKey& key) const;
  std::optional<KnownPlace> find_src(const PairKey& key) const;

 private:
  struct File {
    std::size_t lines_before = 0;
    std::string name;
  };
  std::optional<KnownPlace> place(const std::optional<std::uint32_t>& number) const;

  std::vector<File> files_;
  std::size_t lines_ = 0;  // up to the one at hand
  HashIndex pairs_, sources_;
};

}  // namespace heed
