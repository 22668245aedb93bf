#include "app/make_corpus/sample_corpus.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>
#include <unordered_set>

namespace heed {

namespace {

using Texts = std::unordered_set<std::string>;

/// Draws one split after the other; what one has taken is closed to the next.
class Sampler {
 public:
  Sampler(const Grammar& grammar, std::uint64_t seed) : grammar_(grammar), random_(seed) {}

  void close(const AlignedPair& pair) {
    closed_[0].insert(segmented_text(pair.source));
    closed_[1].insert(segmented_text(pair.target));
  }

  /// `count` pairs with open sentences; with `is_evaluation` no sentence comes twice, otherwise no
  /// pair does.
  std::vector<AlignedPair> draw(std::size_t count, bool is_evaluation, const char* split) {
    std::vector<AlignedPair> pairs;
    Texts seen;
    for (std::size_t failures = 0; pairs.size() < count; ++failures) {
      if (failures > std::max<std::size_t>(20000, 10 * pairs.size())) {
        report_exhausted(pairs.size(), count, split);
      }
      AlignedPair pair = grammar_.sample(random_);
      if (!is_open(pair)) continue;
      if (is_evaluation) {
        close(pair);
      } else if (!seen.insert(segmented_text(pair.source) + '\n' + segmented_text(pair.target))
                      .second) {
        continue;
      }
      pairs.push_back(std::move(pair));
      failures = 0;
    }
    return pairs;
  }

 private:
  bool is_open(const AlignedPair& pair) const {
    return !pair.source.empty() && !pair.target.empty() &&
           !closed_[0].contains(segmented_text(pair.source)) &&
           !closed_[1].contains(segmented_text(pair.target));
  }

  [[noreturn]] void report_exhausted(std::size_t found, std::size_t count,
                                     const char* split) const {
    throw std::runtime_error(
        fmt::format("the grammar is too small: found {} distinct sentences for {}, not {} ({} are "
                    "used by other parts); ask for fewer, or add words and rules",
                    found, split, count, closed_[0].size()));
  }

  const Grammar& grammar_;
  SplitMix64 random_;
  std::array<Texts, 2> closed_;
};

}  // namespace

std::string segmented_text(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

std::string pharaoh_text(const AlignedPair& pair) {
  std::string text;
  for (const auto& [source, target] : pair.links) {
    text += fmt::format("{}{}-{}", text.empty() ? "" : " ", source, target);
  }
  return text;
}

SampleCorpus sample_corpus(const Grammar& grammar, const SampleCorpusOptions& options) {
  SampleCorpus corpus;
  Sampler sampler(grammar, options.seed);
  corpus.held = grammar.held();
  for (const AlignedPair& pair : corpus.held) sampler.close(pair);
  corpus.test = sampler.draw(options.test, true, "test");
  corpus.dev = sampler.draw(options.dev, true, "dev");
  corpus.train = sampler.draw(options.train, false, "train");
  return corpus;
}

}  // namespace heed
