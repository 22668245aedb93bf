#include <algorithm>

#include "data/grammar.h"
#include "data/random.h"
#include "tests/fuzz/fuzz_target.h"

namespace heed {
namespace {

constexpr std::size_t kMostWords = 10'000;  // of a sentence, says the grammar's check

void check_pair(const AlignedPair& pair) {
  require_property(pair.source.size() <= kMostWords && pair.target.size() <= kMostWords,
                   "sentences have an end");
  require_property(std::is_sorted(pair.links.begin(), pair.links.end()), "links ascend");
  for (const auto& [src, tgt] : pair.links)
    require_property(src < pair.source.size() && tgt < pair.target.size(),
                     "links are within the sentences");
}

/// What a grammar makes, it can also read.
void check_grammar(const Grammar& grammar) {
  SplitMix64 random(1);
  for (int i = 0; i < 4; ++i) {
    const AlignedPair pair = grammar.sample(random);
    check_pair(pair);
    if (pair.source.size() > 30) continue;
    const std::vector<AlignedPair> translations = grammar.translate(pair.source);
    for (const AlignedPair& translation : translations) check_pair(translation);
    require_property(!translations.empty(), "a sampled sentence has a translation");
  }
  for (const AlignedPair& pair : grammar.held()) check_pair(pair);
}

void run(std::string_view input) {
  if (input.size() > 4000) return;  // long ones are slow, not different
  reads("input:", [&] { check_grammar(Grammar::parse(input, "input")); });
}

const FuzzRegistration kRegistration("grammar", run);

}  // namespace
}  // namespace heed
