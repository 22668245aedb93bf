#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "data/grammar.h"

namespace heed {

struct SampleCorpusOptions {
  std::size_t train = 60000;
  std::size_t dev = 500;
  std::size_t test = 1000;
  std::uint64_t seed = 1;
};

/// No sentence of either language stands in two of these (a translation shared by two sentences
/// keeps both on one side), nor twice in one of dev and test; train holds no pair twice.
struct SampleCorpus {
  std::vector<AlignedPair> train;
  std::vector<AlignedPair> dev;
  std::vector<AlignedPair> test;
  std::vector<AlignedPair> held;  ///< of the grammar's `hold` lines
};

/// Depends on the grammar, the options and nothing else. Throws std::runtime_error with the number
/// of sentences found when the grammar does not have as many as asked for.
SampleCorpus sample_corpus(const Grammar& grammar, const SampleCorpusOptions& options);

/// The words with one space between them.
std::string segmented_text(const std::vector<std::string>& words);

/// "0-0 1-2 ...", as in the Pharaoh format.
std::string pharaoh_text(const AlignedPair& pair);

}  // namespace heed
