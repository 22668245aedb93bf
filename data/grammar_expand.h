#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "data/grammar_syntax.h"

namespace heed::grammar {

// Expansion gives every variable a value, so that sampling and recognition walk a plain
// context-free grammar without features, in which no symbol reaches itself.

/// What fills a slot. `column` counts an entry's columns through both sides (word lists only).
struct Child {
  std::size_t symbol = kNone;
  std::array<std::size_t, 2> column{kNone, kNone};
};

/// One way of giving values to the variables of a rule.
struct Instance {
  std::vector<Child> children;  ///< one a slot
  std::uint64_t weight = 1;     ///< of the values chosen
  std::uint64_t weight_up_to_here =
      0;  ///< running total of weight times words that can be its head
};

struct Alternative {
  const Rule* rule = nullptr;
  std::vector<Instance> instances;  ///< never empty
};

/// A symbol with a value for each of its features. Either `entries` or `alternatives` is filled.
struct Expanded {
  std::size_t symbol = kNone;
  std::vector<std::size_t> values;     ///< in the order of Symbol::features
  std::vector<std::size_t> remaining;  ///< for each limited symbol: how many may still be nested
  std::vector<const Entry*> entries;
  std::vector<Alternative> alternatives;
  std::uint64_t weight = 0;  ///< of all alternatives
  std::uint64_t ways = 0;    ///< number of words that can be its head, at most a million
};

/// Points into the Syntax it was made from.
struct Expansion {
  std::vector<Expanded> symbols;  ///< the start symbol first; those that derive nothing are empty
};

/// Throws std::runtime_error (FILE:LINE) when the rules do not fit together: a start symbol that
/// derives nothing, a rule or word list that no sentence can use, recursion without a `limit`, a
/// column that does not exist, sentences or numbers of combinations that are too large.
Expansion expand(const Syntax& syntax);

}  // namespace heed::grammar
