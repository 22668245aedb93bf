#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "data/grammar.h"
#include "data/grammar_expand.h"
#include "data/random.h"

namespace heed::grammar {

/// How one symbol was derived. Either `entry` or `alternative` (with an instance of it) is set.
struct Derivation {
  const Entry* entry = nullptr;
  const Alternative* alternative = nullptr;
  const Instance* instance = nullptr;
  std::vector<Derivation> children;  ///< one a slot
};

Derivation sample_derivation(const Expansion& expansion, std::size_t symbol, SplitMix64& random);

/// Whether an entry of a word list marked `once` is used twice.
bool repeats_a_word(const Syntax& syntax, const Derivation& derivation);

/// At most `maximum` derivations of the start symbol whose source side is `source`.
std::vector<Derivation> recognize(const Syntax& syntax, const Expansion& expansion,
                                  const std::vector<std::string>& source, std::size_t maximum);

/// The words of both sides, with sounds and capitals applied, and their links.
AlignedPair realize(const Syntax& syntax, const Derivation& derivation);

/// `word` with a first letter of a-z made a capital.
std::string capitalized(std::string word);

}  // namespace heed::grammar
