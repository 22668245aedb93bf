#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "app/align/link.h"
#include "app/align/link_token.h"

namespace heed {

/// How the indices of one file of links may have to be changed to mean the same as another's.
struct IndexChange {
  int shift = 0;            // added to both
  bool transposed = false;  // then the two are swapped
};

/// Finds out whether two files of links were read in different ways, from 1 or with the target
/// first: their links then agree in more places once one's indices are changed.
class ReadingCheck {
 public:
  /// The links of the next pair by the two files; both are sets (see `to_link_set`).
  void add(std::span<const Link> links, std::span<const Link> others);

  /// The change of the first file's indices with which the two agree most; none unless that is more
  /// than without any by four standard deviations (of the difference of two Poisson counts).
  std::optional<IndexChange> better() const;

 private:
  // The first is no change.
  static constexpr std::array<IndexChange, 6> kChanges{
      {{0, false}, {0, true}, {-1, false}, {1, false}, {-1, true}, {1, true}}};
  std::array<std::size_t, kChanges.size()> common_{};
};

/// How a file of links was read, and the options that say so.
struct FileReading {
  IndexConvention convention;
  std::string one_based_option;
  std::string transposed_option;
};

/// The options that change the first file's reading by `change` or the second's to the same effect,
/// as in "with --one-based and without --gold-transposed".
std::string advice(const IndexChange& change, const FileReading& first, const FileReading& second);

}  // namespace heed
